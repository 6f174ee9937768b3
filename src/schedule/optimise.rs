//! FSRS parameters of one learner, fitted to the log and kept only when they predict it better.

use fsrs::{ComputeParametersInput, FSRS, FSRSItem, FSRSReview};

use super::memory::SchedulerError;
use super::rating::Rating;
use crate::time::StudyDay;

/// Reviews a day or more after the one before, below which nothing is fitted: with fewer the defaults, which rest on
/// millions of reviews, predict better.
pub const ENOUGH_REVIEWS: usize = 400;

/// Fitted parameters with what they achieve.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub parameters: Vec<f32>,
    /// Log-loss of the parameters in use.
    pub before: f32,
    /// Log-loss of the fitted ones.
    pub after: f32,
}

impl Fit {
    /// Says whether the fitted parameters predict the log better.
    pub fn improves(&self) -> bool {
        self.after < self.before
    }
}

/// Makes the crate's items of a card's reviews in order: for each review after a day or more, the history up to it.
fn items(reviews: &[(StudyDay, Rating)]) -> Vec<FSRSItem> {
    let mut history: Vec<FSRSReview> = Vec::new();
    let mut last: Option<StudyDay> = None;
    let mut items = Vec::new();
    for (day, rating) in reviews {
        let elapsed = last.map_or(0, |last| day.days_since(last));
        let delta_t = u32::try_from(elapsed).unwrap_or(0);
        history.push(FSRSReview {
            rating: u32::from(rating.number()),
            delta_t,
        });
        if delta_t > 0 {
            items.push(FSRSItem {
                reviews: history.clone(),
            });
        }
        last = last.max(Some(*day));
    }
    items
}

/// Fits parameters to the reviews of all cards, each card's in order; `None` while there are too few.
///
/// # Errors
/// When the parameters in use or the reviews cannot be used.
pub fn fit<'a>(
    cards: impl IntoIterator<Item = &'a [(StudyDay, Rating)]>,
    in_use: &[f32],
) -> Result<Option<Fit>, SchedulerError> {
    let items: Vec<FSRSItem> = cards.into_iter().flat_map(items).collect();
    if items.len() < ENOUGH_REVIEWS {
        return Ok(None);
    }
    let failed = |source| SchedulerError::Parameters { source };
    let input = ComputeParametersInput {
        train_set: items.clone(),
        card_ids: None,
        progress: None,
        enable_short_term: true,
        num_relearning_steps: None,
        training_config: None,
    };
    let parameters = fsrs::compute_parameters(input).map_err(failed)?;
    let loss = |parameters: &[f32]| -> Result<f32, SchedulerError> {
        let fsrs = FSRS::new(parameters).map_err(failed)?;
        let evaluation = fsrs.evaluate(items.clone(), |_| true).map_err(failed)?;
        Ok(evaluation.log_loss)
    };
    Ok(Some(Fit {
        before: loss(in_use)?,
        after: loss(&parameters)?,
        parameters,
    }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn too_few_reviews_are_left_alone() {
        let card = [(StudyDay(date(2026, 1, 1)), Rating::Good); 3];
        assert_eq!(fit([&card[..]], &[]).unwrap(), None);
    }

    #[test]
    fn an_item_is_the_history_up_to_a_review_of_another_day() {
        let day = |n| StudyDay(date(2026, 1, 1)).plus_days(n);
        let card = [
            (day(0), Rating::Good),
            (day(0), Rating::Good),
            (day(3), Rating::Again),
        ];
        let items = items(&card);
        assert_eq!(items.len(), 1);
        let deltas: Vec<u32> = items[0].reviews.iter().map(|r| r.delta_t).collect();
        assert_eq!(deltas, [0, 0, 3]);
    }
}
