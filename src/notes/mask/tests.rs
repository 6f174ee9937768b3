use std::path::PathBuf;

use super::*;
use crate::notes::services::Services;
use crate::notes::{Kind, NoteFile, Scope, parse};

/// Letters that no provider gave out.
const KEY_ID: &str = "AKIAABCDEFGHIJKLMNOP";
const KEY: &str = "abcdefghijABCDEFGHIJ0123456789+/abcdefgh";

fn masked(text: &str) -> String {
    mask(text).map_or_else(|| text.to_owned(), |(masked, _)| masked)
}

fn documents(kind: Kind, text: &str) -> Vec<Document> {
    let file = NoteFile {
        path: PathBuf::from("note.txt"),
        identity: "note".to_owned(),
        scope: Scope::Mine,
        kind,
        text: text.to_owned(),
        named: false,
    };
    parse(&file, &Services::from_yaml("services: []").unwrap())
}

#[test]
fn secrets_are_masked_in_place() {
    let text = format!("キーは{KEY_ID}です\naws_secret_access_key = {KEY}\n");
    let (masked, count) = mask(&text).unwrap();
    assert_eq!(count, 2);
    assert!(masked.contains("AKIA****************です") && !masked.contains("0123456789"));
    assert_eq!(masked.chars().count(), text.chars().count());
}

#[test]
fn documentation_keys_and_placeholders_stay() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "postgres://user:<password>@host/db",
        "Secrets Manager の secret key: はここ",
        "パスワード：8文字以上",
        "パスワード：8文字以上128文字以下、英大文字1つ以上",
        "password: <your password>",
        "password: ${DB_PASSWORD}",
        "DB_PASSWORD=$DB_PASSWORD",
        "DB_PASSWORD: '{{resolve:secretsmanager:prod/db:SecretString:password}}'",
        "MasterUserPassword: !Ref DBPassword",
        "MasterUserPassword: !GetAtt Secret1.Value",
        "GeneratePassword: !Equals [!Ref DBPassword, '']",
        "password: string",
        "password: must be 8-41 characters",
        "Password: 8-41 printable ASCII characters",
        "password = get_password1()",
        "password: config.db1.password",
        "PASSWORD_LENGTH=16000000",
        "| パスワード | 90日ごとに変更 |",
        "| password | base64 |",
        "| パスワード | IAM2020ユーザー |",
        "password: base64",
        "aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "Authorization: Bearer <token>",
        "Authorization: Bearer $TOKEN",
        "curl -u user:$PASSWORD https://example.com",
        "token: my-token-name-01",
        "secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
        "arn:aws:secretsmanager:us-west-2:123456789012:secret:webclusterSecret-5ggcmKflNSGA-UR8O44",
        "NextToken: 1a2b3c4d-e29b-41d4-a716-446655440000",
        "ClientRequestToken=1a2b3c4d-e29b-41d4-a716-446655440000",
        "use crate::create_o_auth2_token::create_o_auth2_token_input::CreateOAuth2TokenInput",
        "| 項目 | パスワード |\n|---|---|\n| 長さ | 8文字以上 |\n| 種類 | IAM |\n| 方式 | SHA-256 |",
        "pass: 720/1000",
        "\"accessToken\": \"base64string\",",
        "password policy 2020",
        "パスワード 8文字以上",
        "パスワード Cognito2020年版",
        "reset-password user-2020",
        "NextToken: 必要なら指定する",
        "トークン：有効期限は3600秒",
        "ssh: -----BEGIN RSA PRIVATE KEY----- から -----END RSA PRIVATE KEY----- までを貼る",
        "ハッシュ 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 は secret key ではない",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn every_form_is_masked() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF123_-abcDEF123";
    let long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    for (text, secret) in [
        (format!("| Secret Access Key | {KEY} |"), KEY),
        (format!("export AWS_SECRET_ACCESS_KEY {KEY}"), KEY),
        (format!("シークレットアクセスキー: {KEY}"), KEY),
        (format!("シークレットアクセスキーは「{KEY}」"), KEY),
        (
            format!("Access key ID,Secret access key\n{KEY_ID},{KEY}"),
            KEY,
        ),
        (format!("Secret access key\n\n{KEY}\n"), KEY),
        (
            format!("| ID | Secret access key |\n|---|---|\n| x | {KEY} |"),
            KEY,
        ),
        (format!("AWS Secret Access Key [None]: {KEY}"), KEY),
        ("password: hunter2x".into(), "hunter2x"),
        ("password：ｈｕｎｔｅｒ２２".into(), "ｈｕｎｔｅｒ２２"),
        ("DB_PASSWORD=s3cr3tpw".into(), "s3cr3tpw"),
        ("パスワード：P@ssw0rd!".into(), "P@ssw0rd!"),
        ("パスワードは Passw0rd!23 です".into(), "Passw0rd!23"),
        ("\"password\": \"Tr0ub4dor&3\",".into(), "Tr0ub4dor&3"),
        ("| パスワード | Tr0ub4dor-3x |".into(), "Tr0ub4dor-3x"),
        (
            "| 人 | パスワード | 備考 |\n|---|---|---|\n| 太郎 | hunter22 | 退職 |".into(),
            "hunter22",
        ),
        (
            "User name,Password,Console\ntaro,Abcd1234!,https://a".into(),
            "Abcd1234!",
        ),
        ("パスワード　Abcd1234!".into(), "Abcd1234!"),
        ("pw: Abcd1234!".into(), "Abcd1234!"),
        ("mysql -u root -phunter22x app".into(), "hunter22x"),
        (
            "aws rds create-db-instance --master-user-password Abcd1234x".into(),
            "Abcd1234x",
        ),
        (format!("Authorization: Bearer {long}"), long),
        (
            "Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==".into(),
            "dXNlcjpwYXNzd29yZDEyMw==",
        ),
        (format!("コピーした {jwt} を使う"), jwt),
        (
            "curl -u admin:hunter22 https://a.example.org".into(),
            "hunter22",
        ),
        ("redis://:hunter22@cache.local:6379".into(), "hunter22"),
        (
            "glpat-abcdefghij0123456789".into(),
            "glpat-abcdefghij0123456789",
        ),
        (format!("npm_{long}"), long),
        (
            "sk_live_abcdefghij0123456789".into(),
            "abcdefghij0123456789",
        ),
        (
            "sk-ant-api03-abcdefghij0123456789".into(),
            "abcdefghij0123456789",
        ),
        (
            "AIzaabcdefghij0123456789abcdefghij01234".into(),
            "abcdefghij0123456789abcdefghij01234",
        ),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef0123456789abcdef".into(),
            "0123456789abcdef0123456789abcdef",
        ),
        (
            "?X-Amz-Security-Token=IQoJb3JpZ2luX2VjEAAaCXVz%2B&x=1".into(),
            "IQoJb3JpZ2luX2VjEAAaCXVz%2B",
        ),
        (
            "ＡＫＩＡＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰ".into(),
            "ＡＢＣＤＥＦＧＨ",
        ),
        (format!("api_key = \"{long}\""), long),
        (format!("SLACK_TOKEN=xoxb-{long}"), long),
    ] {
        let shown = masked(&text);
        assert!(!shown.contains(secret), "{text}");
        assert_eq!(shown.chars().count(), text.chars().count());
        let kept = shown.chars().zip(secret.chars()).count();
        assert!(kept > 0 && shown.contains("****"), "{shown}");
    }
}

#[test]
fn little_of_a_short_secret_stays() {
    assert_eq!(masked("password: hunt22"), "password: h*****");
    assert_eq!(
        masked("mysql://root:hunter22@db.example.com/app"),
        "mysql://root:hu******@db.example.com/app"
    );
}

#[test]
fn a_private_key_keeps_its_lines() {
    let text = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nxyz\n-----END RSA PRIVATE KEY-----\n本文";
    let (masked, count) = mask(text).unwrap();
    assert_eq!((masked.lines().count(), count), (5, 1));
    assert!(!masked.contains("abc") && !masked.contains("xyz") && masked.ends_with("本文"));
}

#[test]
fn a_private_key_without_its_end_is_masked_up_to_the_text() {
    let body = "MIIEowIBAAKCAQEAabcdefghij0123456789abcdefghij0123456789";
    let text = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n{body}\nab12==\n\nSummary\n本文は残る。"
    );
    let shown = masked(&text);
    assert!(
        !shown.contains("abcdefghij") && !shown.contains("ab12"),
        "{shown}"
    );
    assert!(shown.ends_with("\n\nSummary\n本文は残る。"), "{shown}");
    let one = format!("\"key\": \"-----BEGIN PRIVATE KEY-----\\n{body}");
    assert!(!masked(&one).contains("abcdefghij"));
}

#[test]
fn a_remark_in_a_key_does_not_cut_it() {
    let body = "MIIEowIBAAKCAQEAabcdefghij0123456789abcdefghij0123456789";
    let text = format!(
        "# 鍵\n\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n# comment\n{body}\n# 注釈\n{body}\n-----END RSA PRIVATE KEY-----\n"
    );
    for kind in [Kind::Markdown, Kind::Dump] {
        let documents = documents(kind, &text);
        let all = documents.iter().flat_map(|d| &d.sections);
        assert!(
            all.clone().all(|s| !s.text.contains("abcdefghij")),
            "{kind:?}"
        );
        assert_eq!(documents.iter().map(|d| d.secrets_masked).sum::<usize>(), 1);
        let lines = crate::notes::lines(&text);
        for section in all {
            for (line, number) in section.text.split('\n').zip(&section.line_numbers) {
                let length = lines[number - 1].text.chars().count();
                assert_eq!(line.chars().count(), length);
            }
        }
    }
}

#[test]
fn titles_headings_and_tags_are_masked() {
    for (kind, text) in [
        (
            Kind::Markdown,
            format!("---\ntitle: {KEY_ID} のメモ\ntags: [{KEY_ID}]\n---\n本文\n"),
        ),
        (
            Kind::Markdown,
            format!("# {KEY_ID} のメモ\n\n本文\n\n## 鍵 {KEY_ID}\n\n本文\n"),
        ),
        (Kind::Dump, format!("{KEY_ID} のメモ\n\n本文です。\n")),
    ] {
        let document = documents(kind, &text).remove(0);
        assert_eq!(document.title, "AKIA**************** のメモ");
        assert!(document.secrets_masked >= 1);
        assert!(!format!("{document:?}").contains(KEY_ID));
    }
}
