# ノートと検索
bad-content = 教材のファイルを読めません
empty-query = 探すことばがありません
empty-query-hint = `search 踏み台 接続` のように入力してください
bad-exam = `{ $given }` という試験はありません。SAA か DVA を指定してください
bad-date = `{ $given }` は日付ではありません（例: before:2021-01-31）
bad-service = `{ $given }` というサービスは知りません
bad-service-hint = もしかして `{ $nearest }` ですか
no-section = `{ $id }` に当たるノートがありません
no-section-hint = 先に `search` してから番号を選ぶか、検索結果に出る ID を指定してください
import-missing = そのファイルやフォルダーはありません
library-failed = ノートの置き場所を読み書きできません
index-failed = 索引を使えません
index-failed-hint = `index --rebuild` で作り直せます
search-corrected = 「{ $typed }」は { $meant } としても探しました
search-none = 「{ $query }」に合うノートは見つかりませんでした
search-absent = 「{ $words }」を含む箇所はありません。残りの語に合うもの、近いものを示します
search-relaxed = 絞り込み（exam: service: in: before:、「語句」、-除外）を外すと { $count } 件あります
search-total = { $total } 件（{ $milliseconds } ミリ秒）
search-total-least = { $total } 件以上（{ $milliseconds } ミリ秒）
search-bundled = 付属
search-duplicates = 同じ内容がほかに { $count } 件
search-stale-more = ⚠ 古い内容がほかに { $count } 箇所（`open` で表示）
search-stale = ⚠ { $line } 行目は古い内容です。今は: { $now } { $since }
open-previous = 前: { $heading }（show { $id }）
open-next = 次: { $heading }（show { $id }）
open-cards = 問題: { $ids }
open-labs = 実習: { $ids }
import-file = { $path }: 記事 { $articles } 件、節 { $sections }
import-skipped = 読み飛ばし { $path }: { $reason ->
    [empty] 空です
    [binary] テキストではありません
    [unreadable] 読み取れません（権限）
    [symlink-loop] リンクが輪になっています
    [changing] 読んでいる間に変わり続けました
    [too-large] 大きすぎます
    [no-text] 本文がありません
   *[other] { $reason }
}
import-skipped-more = ほかに { $count } 件を読み飛ばしました（`--json` ですべて）
import-duplicate = 重複: 「{ $title }」と同じ記事がほかに { $count } 件
import-secrets = 秘密の値を { $count } 箇所伏せました。元のファイルから消すことを勧めます
import-stale = 古くなった記述が { $count } 箇所あります（`stale` で一覧）
import-done = { $files } ファイルから記事 { $articles } 件・節 { $sections } を取り込みました（変更なし { $unchanged }）
import-dry-run = { $files } ファイルに記事 { $articles } 件・節 { $sections } があります（何も書いていません）
import-interrupted = 中断しました: { $all } ファイルのうち { $files } ファイルを取り込みました（まだ見ていないもの { $left }）
import-interrupted-hint = 同じ `import` をもう一度実行すると、残りを続けます
index-interrupted = 索引の更新を中断しました: { $all } ファイルのうち { $indexed } ファイルまで。取り込んだノートはすべて残っています
index-interrupted-hint = 残りは次の検索か `index` で続けます
index-busy = ほかの juku が索引を更新しています。少し待ってからもう一度どうぞ
index-done = 索引は最新です（{ $files } ファイル、更新 { $indexed }、削除 { $removed }）
notes-none = 取り込んだノートはまだありません。`import ファイル` で取り込めます
notes-entry = { $path }: 記事 { $articles } 件、節 { $sections }
notes-vanished = { $path }: 記事 { $articles } 件、節 { $sections }（元のファイルはなくなりました）
notes-not-found = その場所から取り込んだノートはありません
notes-forgotten = { $count } ファイルを忘れました。元のファイルはそのままです
cmd-search = ノートを検索する
cmd-search-query = 探すことば（「語句」、-除外、exam: service: in: before: も使える）
cmd-search-exam = この試験のノートだけ
cmd-search-service = このサービスに触れた節だけ
cmd-search-place = 探す場所（mine は自分のノート、bundled は付属）
cmd-search-limit = 表示する件数
cmd-search-no-synonyms = 言い換えをせず、入力した語だけで探す
cmd-open = 検索結果の番号または ID の節を開く
cmd-open-target = 番号または ID
cmd-show = ID の節を表示する
cmd-show-target = 番号または ID
cmd-related = 似た内容の節を探す
cmd-related-target = 番号または ID
cmd-related-limit = 表示する件数
cmd-import = ノートを取り込む（`import history FILE` は履歴、`import anki FILE` は Anki のカード）
cmd-import-paths = ファイルまたはフォルダー
cmd-import-dry-run = 調べるだけで取り込まない
cmd-import-exam = `import anki` で、どの試験のカードか
cmd-index = 索引を最新にする
cmd-index-rebuild = 最初から作り直す
cmd-notes = 取り込んだノートを管理する
cmd-notes-list = 取り込んだノートを一覧する
cmd-notes-forget = 取り込んだノートを忘れる（元のファイルはそのまま）
cmd-notes-forget-paths = 取り込み元のファイルまたはフォルダー
