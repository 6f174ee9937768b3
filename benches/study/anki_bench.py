"""The same work as examples/study_bench.rs, done by Anki's own backend: python anki_bench.py CARDS REVIEWS

Cards and reviews are written into a collection by SQL; timed are opening it up to the first question, and answering
and getting the next question, through the calls that Anki's reviewer makes.
"""

import os
import random
import sys
import tempfile
import time

os.environ["TZ"] = "UTC"

from anki.collection import Collection  # noqa: E402

DAY = 86_400


def fill(path, cards, reviews):
    col = Collection(path)
    kind = col.models.by_name("Basic")
    seed = col.new_note(kind)
    seed["Front"], seed["Back"] = "q", "a"
    col.add_note(seed, 1)
    col.set_config("fsrs", True)
    config = col.decks.config_dict_for_deck_id(1)
    config["rev"]["perDay"] = 100_000
    config["new"]["perDay"] = 20
    col.decks.update_config(config)
    mid, today, now = kind["id"], col.sched.today, int(time.time())
    base = 1_500_000_000_000
    col.db.executemany(
        "insert into notes values (?,?,?,?,-1,'',?,?,0,0,'')",
        [(base + n, f"g{n}", mid, now, f"第{n}問。要件を満たす構成はどれか。\x1f答え", f"q{n}") for n in range(cards)],
    )
    data = '{"s":30.0,"d":5.0,"dr":0.9,"decay":0.154}'
    col.db.executemany(
        "insert into cards values (?,?,1,0,?,-1,2,2,?,30,2500,10,0,0,0,0,0,?)",
        [(base + n, base + n, now, today - 20 + n % 60, data) for n in range(cards)],
    )
    rows = ((now * 1000 - (n // cards + 1) * 12 * DAY * 1000 - n % cards * 7 - n // cards, base + n % cards,
             1 if n * 7919 % 10 == 0 else 3) for n in range(reviews))
    col.db.executemany("insert or ignore into revlog values (?,?,-1,?,12,12,500,20000,1)", list(rows))
    col.close()


def timed(what, values):
    values.sort()
    at = lambda share: values[int(share * (len(values) - 1))]
    print(f"{what}: p50 {at(.5):.2f} ms, p99 {at(.99):.2f} ms, n={len(values)}")


def main():
    cards, reviews = (int(a) for a in sys.argv[1:3])
    path = os.path.join(tempfile.mkdtemp(), "collection.anki2")
    fill(path, cards, reviews)
    opens = []
    for _ in range(10):
        start = time.perf_counter()
        col = Collection(path)
        card = col.sched.getCard()
        card.question()
        opens.append((time.perf_counter() - start) * 1000)
        col.close()
    timed("session opens (collection open to first question)", opens)
    col = Collection(path)
    random.seed(1)
    card = col.sched.getCard()
    answers = []
    for n in range(2000):
        card.start_timer()
        start = time.perf_counter()
        col.sched.answerCard(card, 1 if n % 7 == 0 else 3)
        card = col.sched.getCard()
        if card is None:
            break
        card.question()
        answers.append((time.perf_counter() - start) * 1000)
    timed("answer and next question", answers)
    col.close()


if __name__ == "__main__":
    main()
