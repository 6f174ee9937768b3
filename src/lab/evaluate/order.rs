//! Puts resources after what they depend on, and names the circle where that cannot be done.

use std::collections::{BTreeMap, BTreeSet};

use super::Resource;
use crate::lab::finding::Finding;

/// Orders resources by their dependencies, otherwise as in the template; finds cycles.
///
/// Resources in a cycle keep their places in the template, so that an estimate still shows them.
pub(super) fn order(resources: Vec<Resource>, findings: &mut Vec<Finding>) -> Vec<Resource> {
    let index: BTreeMap<&str, usize> = resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (resource.logical_id.as_str(), at))
        .collect();
    let edges: Vec<Vec<usize>> = resources
        .iter()
        .map(|resource| {
            let ids = resource.depends_on.iter();
            ids.filter_map(|id| index.get(id.as_str()).copied())
                .collect()
        })
        .collect();
    let mut walk = Walk {
        edges: &edges,
        state: vec![State::New; resources.len()],
        order: Vec::with_capacity(resources.len()),
        cycles: Vec::new(),
    };
    for at in 0..resources.len() {
        walk.visit(at);
    }
    let (order, cycles) = (walk.order, walk.cycles);
    let mut told: BTreeSet<Vec<usize>> = BTreeSet::new();
    for cycle in cycles {
        let mut members = cycle.clone();
        members.sort_unstable();
        if !told.insert(members) {
            continue;
        }
        let name = |at: &usize| resources.get(*at).map_or("", |r| r.logical_id.as_str());
        let path: Vec<&str> = cycle.iter().chain(cycle.first()).map(name).collect();
        let mut finding = Finding::deny("cycle").with("path", path.join(" → "));
        if let Some(first) = cycle.first().and_then(|at| resources.get(*at)) {
            finding = finding.on(&first.logical_id).at(first.place);
        }
        findings.push(finding);
    }
    let mut slots: Vec<Option<Resource>> = resources.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|at| slots.get_mut(at).and_then(Option::take))
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

struct Walk<'a> {
    edges: &'a [Vec<usize>],
    state: Vec<State>,
    order: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl Walk<'_> {
    /// Visits depth first with a stack of its own: a chain of resources may be longer than the call stack.
    fn visit(&mut self, start: usize) {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.last().copied() {
            if next == 0 {
                if let Some(State::New) = self.state.get(at) {
                    if let Some(state) = self.state.get_mut(at) {
                        *state = State::Open;
                    }
                } else {
                    stack.pop();
                    continue;
                }
            }
            if let Some(&to) = self.edges.get(at).and_then(|edges| edges.get(next)) {
                if let Some(top) = stack.last_mut() {
                    top.1 = next + 1;
                }
                match self.state.get(to) {
                    Some(State::New) => stack.push((to, 0)),
                    Some(State::Open) => {
                        let from = stack.iter().position(|(at, _)| *at == to);
                        let cycle = stack.iter().skip(from.unwrap_or(0)).map(|(at, _)| *at);
                        self.cycles.push(cycle.collect());
                    }
                    Some(State::Done) | None => {}
                }
            } else {
                if let Some(state) = self.state.get_mut(at) {
                    *state = State::Done;
                }
                self.order.push(at);
                stack.pop();
            }
        }
    }
}
