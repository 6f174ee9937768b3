"""What Anki's own library says of a package, and packages made by it. One command per call; JSON on stdout."""

import json
import os
import sys
import tempfile

os.environ["TZ"] = "Asia/Tokyo"

from anki.collection import (  # noqa: E402
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)


def fresh():
    return Collection(os.path.join(tempfile.mkdtemp(), "collection.anki2"))


def take(col, path):
    options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=False, merge_notetypes=True)
    return col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=options))


def give(col, path, legacy):
    options = ExportAnkiPackageOptions(with_scheduling=True, with_media=True, with_deck_configs=False, legacy=legacy)
    col.export_anki_package(out_path=path, options=options, limit=None)


def told(col):
    today = col.sched.today
    notes = []
    for nid in sorted(col.find_notes("")):
        note = col.get_note(nid)
        cards = []
        for card in note.cards():
            cards.append({
                "ord": card.ord, "type": card.type, "queue": card.queue, "due_in": card.due - today, "ivl": card.ivl,
                "reps": card.reps, "lapses": card.lapses, "deck": col.decks.name(card.did), "flag": card.flags,
                "memory": [card.memory_state.stability, card.memory_state.difficulty] if card.memory_state else None,
                "question": card.question(), "answer": card.answer(),
                "revlog": col.db.all("select id, ease, ivl, time, type from revlog where cid = ? order by id", card.id),
            })
        notes.append({
            "guid": note.guid, "type": note.note_type()["name"], "tags": note.tags, "fields": note.fields,
            "csum_ok": col.db.scalar("select csum from notes where id = ?", nid) != 0, "cards": cards,
        })
    return {"notes": notes, "check": col.fix_integrity()[0]}


def roundtrip(package, new, legacy):
    col = fresh()
    take(col, package)
    first = told(col)
    take(col, package)
    twice = told(col)
    give(col, new, False)
    give(col, legacy, True)
    print(json.dumps({"first": first, "twice": twice}))


def made(new, legacy, text, edited):
    """A deck as a person would have made it, answered some, once with an edit."""
    col = fresh()
    deck = col.decks.id("AWS::SAA")

    def add(kind, fields, tags):
        note = col.new_note(col.models.by_name(kind))
        note.fields = fields
        note.tags = tags
        col.add_note(note, deck)
        return note

    basic = add("Basic", ["SQS の<b>既定</b>の保持期間<img src=\"q.png\">", "4 日<br>最大 14 日[sound:s.mp3]"], ["sqs"])
    add("Basic (and reversed card)", ["VPC", "仮想ネットワーク"], [])
    add("Cloze", ["Lambda の上限は {{c1::15 分}}、{{c2::10,240 MB::メモリ}}", "余談"], ["service::lambda"])
    add("Basic", ["<img src=only.png>", "絵だけ"], [])
    base = 1_763_000_000_000
    day = 86_400_000
    card = basic.cards()[0]
    for n, (after, ease, ivl, kind) in enumerate([(0, 3, 3, 0), (3, 1, -600, 1), (3, 3, 2, 2), (6, 3, 9, 1)]):
        col.db.execute("insert into revlog values (?, ?, -1, ?, ?, 0, 500, 4000, ?)",
                       base + after * day + n, card.id, ease, ivl, kind)
    card.type = card.queue = 2
    card.ivl, card.reps, card.lapses = 9, 4, 1
    card.due = (base + 15 * day) // day - col.crt // day
    col.update_card(card)
    give(col, new, False)
    give(col, legacy, True)
    col.export_note_csv(out_path=text, limit=None, with_html=True, with_tags=True, with_deck=True,
                        with_notetype=True, with_guid=True)
    basic["Back"] = "4 日、最大 14 日"
    col.update_note(basic)
    give(col, edited, False)


def states(package):
    """Memory states as Anki computes them from the reviews of a package."""
    col = fresh()
    col.set_config("fsrs", True)
    take(col, package)
    found = {}
    for nid in col.find_notes(""):
        note = col.get_note(nid)
        state = col.compute_memory_state(note.card_ids()[0])
        found[note.guid] = [state.stability, state.difficulty]
    print(json.dumps(found))


if __name__ == "__main__":
    {"roundtrip": roundtrip, "made": made, "states": states}[sys.argv[1]](*sys.argv[2:])
