# Notes and search
bad-content = A file of the library cannot be read
empty-query = There is nothing to look for
empty-query-hint = Type something like `search bastion connect`
bad-exam = There is no exam `{ $given }`; give SAA or DVA
bad-date = `{ $given }` is no date (example: before:2021-01-31)
bad-service = No service is known as `{ $given }`
bad-service-hint = Did you mean `{ $nearest }`?
no-section = There is no note for `{ $id }`
no-section-hint = Search first and choose a number, or give an id from the results
import-missing = There is no such file or folder
library-failed = The place of the notes cannot be read or written
index-failed = The index cannot be used
index-failed-hint = `index --rebuild` builds it anew
search-corrected = "{ $typed }" was also searched as { $meant }
search-none = No note fits "{ $query }"
search-absent = nothing holds “{ $words }”; these hold the rest or come near
search-relaxed = Without filters (exam: service: in: before:), phrases and exclusions there are { $count }
search-total = { $total } found ({ $milliseconds } ms)
search-total-least = at least { $total } found ({ $milliseconds } ms)
search-bundled = bundled
search-duplicates = the same text { $count } more times
search-stale-more = ⚠ { $count } more outdated (`open` shows them)
search-stale = ⚠ line { $line } is outdated. Now: { $now } { $since }
open-previous = Before: { $heading } (show { $id })
open-next = Next: { $heading } (show { $id })
open-cards = Questions: { $ids }
open-labs = Labs: { $ids }
import-file = { $path }: { $articles } articles, { $sections } sections
import-skipped = skipped { $path }: { $reason ->
    [empty] it is empty
    [binary] it is no text
    [unreadable] it cannot be read (permission)
    [symlink-loop] the links form a loop
    [changing] it kept changing while it was read
    [too-large] it is too large
    [no-text] it has no text
   *[other] { $reason }
}
import-skipped-more = { $count } more skipped (`--json` names them all)
import-duplicate = duplicate: { $count } more of "{ $title }"
import-secrets = { $count } secrets were masked; better remove them from the original files
import-stale = { $count } statements are outdated (`stale` lists them)
import-done = Imported { $articles } articles, { $sections } sections from { $files } files ({ $unchanged } unchanged)
import-dry-run = { $files } files hold { $articles } articles, { $sections } sections (nothing was written)
import-interrupted = Interrupted: { $files } of { $all } files were taken in ({ $left } not looked at yet)
import-interrupted-hint = the same `import` goes on with the rest
index-interrupted = The update of the index was interrupted: { $indexed } of { $all } files. All imported notes are kept
index-interrupted-hint = the next search, or `index`, goes on with the rest
index-busy = Another juku is updating the index; try again in a moment
index-done = The index is up to date ({ $files } files, { $indexed } updated, { $removed } removed)
notes-none = No notes have been imported yet; `import FILE` takes them in
notes-entry = { $path }: { $articles } articles, { $sections } sections
notes-vanished = { $path }: { $articles } articles, { $sections } sections (the original is gone)
notes-not-found = No notes were imported from there
notes-forgotten = { $count } files forgotten; the originals are untouched
cmd-search = Search the notes
cmd-search-query = What to look for ("phrase", -without, exam: service: in: before: work too)
cmd-search-exam = Only notes for this exam
cmd-search-service = Only sections that mention this service
cmd-search-place = Where to look (mine: own notes, bundled: the library)
cmd-search-limit = How many hits to show
cmd-search-no-synonyms = Look only for what was typed
cmd-open = Open a section by its number in the last search or by id
cmd-open-target = Number or id
cmd-show = Show a section by id
cmd-show-target = Number or id
cmd-related = Find sections about the same things
cmd-related-target = Number or id
cmd-related-limit = How many hits to show
cmd-import = Import notes (`import history FILE` a history, `import anki FILE` cards from Anki)
cmd-import-paths = Files or folders
cmd-import-dry-run = Only look, import nothing
cmd-import-exam = For `import anki`: the exam the cards are for
cmd-index = Bring the index up to date
cmd-index-rebuild = Build it anew
cmd-notes = Manage imported notes
cmd-notes-list = List imported notes
cmd-notes-forget = Forget imported notes (the originals stay)
cmd-notes-forget-paths = The files or folders they came from
