# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken for a secret, by name and by shape, and what is not."""

from __future__ import annotations

import base64
import json
import re
import shlex
import string
import time
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK, fits
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import scrub, written_forms
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_names import is_secret_name
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_shapes import shaped_secrets
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_values import is_secret, masked, secrets_in
from hypothesis import given
from hypothesis import strategies as st


def listed(text: str) -> list[str]:
    return text.split()


SECRET_NAMES = listed("""
    WA_DB_PASSWORD WA_API_KEY WA_SECRET WA_WEB_JWT_CRYPTO_KEY MY_TOKEN MYSQL_ROOT_PASSWORD PGPASSWORD WA_WEB_PASSWORD
    SMTP_PASS MYSQL_PWD MYSQLPWD DBPASS DB_PASS DB_PASS_2 PASS MYSQL_ROOT_PW APIKEY API_KEY_1 X-Api-Key apiKey
    JWT PASSPHRASE PASSCODE PRIVATE PRIVATE_KEY SSH_PRIVATE_KEY AUTH HTTP_AUTH BASIC_AUTH AUTH_HEADER BEARER SALT PIN
    SITE_PIN SIGNATURE DSN SENTRY_DSN CREDS CREDENTIALS COOKIE_SECRET AWS_SECRET_ACCESS_KEY ENCRYPTION_KEY_V2 SSHKEY
    AccountKey clientSecret smtp.pass splunk-token PASSWORD_HASH GF_SECURITY_ADMIN_PASSWORD DB_PSWD PSWD PASSWRD
    EMAILPASS FTPPASS MONGOPASS RABBITPASS TRUSTSTOREPASS ROOTPW ADMINPW LDAP_BINDPW PROXYAUTH GITHUB_PAT AZURE_SAS
    ACCESS_TKN PASSWORT DB_PASSWORT SENHA OAUTH GMAIL_OAUTH2 PEPPER WALLET_SEED MNEMONIC
""")
OPEN_NAMES = listed("""
    WA_DB_HOSTNAME WA_DB_PORT WA_DB_USERNAME WA_DB_ENGINE WA_DB_NAME_PREFIX WA_DB_SSL_KEY WA_DB_SSL_CERT WA_DB_SSL_CA
    TLS_KEY COREAPP_EXTERNAL_PORTS COREAPP_HOSTNAME WA_APP_MULTICONNECT WA_RUNNING_ENV_VERSION ORCHESTRATION PATH PWD
    OLDPWD KEYBOARD MONKEY DONKEY COMPASS BYPASS PASSIVE PASSENGER_COUNT AUTHOR AUTHORITY TOKENIZER SPIN PINNED
    SALTED SIGNAL DSNAME SSH_AUTH_SOCK AUTH_TYPE JWT_ALGORITHM PIN_LENGTH SALT_ROUNDS PYTHON_SHA256 GPG_KEY TZ LANG
    DATABASE
    UNDERPASS LOWPASS TWO_COMPASS PATTERN PATCH SASL_MECHANISM OAUTH_URL XAUTHORITY HAUTH OAUTH2_PROVIDER SEEDED
    max-size max-file org.wabiz.cluster org.opencontainers.image.revision _ 1
""")
PEM = "\n".join(
    ["-----BEGIN RSA PRIVATE " + "KEY-----", "MIIEowIBAAKCAQEA", "x+/=" * 10, "-----END RSA PRIVATE " + "KEY-----"]
)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"

SHAPES = [
    ("https://user:pw@proxy:3128", "pw"),
    ("postgres://u:p@ss/w:rd@db:5432/x?sslmode=require", "p@ss/w:rd"),
    ("mongodb://u:12345@h1:27017,h2:27017/db", "12345"),
    ("mysql+pymysql://u:pa%40ss@h/db", "pa%40ss"),
    ("user:pw@(db1:3306)/", "pw"),
    ("user:p/w@tcp(db1:3306)/x", "p/w"),
    ("user:pw@proxy:3128", "pw"),
    ("https://9f86d081884c7d65@sentry.example.net/1", "9f86d081884c7d65"),
    (f"key={JWT}", JWT),
    ("MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs", "MTk4NjIyNDgzNDcxOTI1MjQ4"),
    ("ghp_0123456789abcdefABCDEF0123456789abcd", "ghp_0123456789abcdefABCDEF0123456789abcd"),
    ("AKIAIOSFODNN7EXAMPLE0", "AKIAIOSFODNN7EXAMPLE0"),
    ("Authorization: Bearer abc.def.ghi", "abc.def.ghi"),
    ("mysqladmin ping -h localhost -psecret", "secret"),
    ("curl -s -u admin:hunter2 https://x", "hunter2"),
    ("-Xmx512m -Dpassword=hunter2", "hunter2"),
    ("Server=x;User Id=y;Password=hunter2;", "hunter2"),
    ("host=db password=hun,ter2 user=x", "hun,ter2"),
    ("DefaultEndpointsProtocol=https;AccountKey=hunter2==", "hunter2=="),
    ('{"user": "x", "password": "hun ter2"}', "hun ter2"),
    ("server --api-key hunter2 --port 80", "hunter2"),
    ("<password>hun ter2</password>", "hun ter2"),
    ("<a><db.password type='x'>hunter2</db.password></a>", "hunter2"),
    ("<password><![CDATA[a<b]]></password>", "a<b"),
    ("sshpass -p hunter2 ssh host", "hunter2"),
    ("sshpass -e -p 'hun ter2' ssh host", "ter2"),
    ("https://user:pass word@host", "word"),
    ("https://user:pa@ss word@host/x", "ss word"),
    ("https://h/?token=hunter2&x=y", "hunter2"),
    ("x -u 'admin:hun ter2' y", "ter2"),
    ("mysql -p'hun ter2' x", "ter2"),
    ("x --password 'hun ter2' y", "ter2"),
    ("-Dpin=hunter2", "hunter2"),
    ("curl -H 'Authorization: Token hunter2'", "hunter2"),
    ("https://hooks.slack.com/services/T00/B00/hunter2", "T00/B00/hunter2"),
    ("https://discord.com/api/webhooks/123/hunter2", "123/hunter2"),
    ("https://x.webhook.office.com/webhookb2/hunter2", "hunter2"),
    (f"123456789:AAF{'xyz-' * 8}", f"AAF{'xyz-' * 8}"),
    (f"https://api.telegram.org/bot123456789:AAF{'xyz-' * 8}/getMe", f"123456789:AAF{'xyz-' * 8}"),
    (f"SK{'0a' * 16}", f"SK{'0a' * 16}"),
    ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
    ("k3j4h5g6k7jh4k5j3h4k5jh3k4j5h3k4", "k3j4h5g6k7jh4k5j3h4k5jh3k4j5h3k4"),
    (f"first\n{PEM}\nlast", "MIIEowIBAAKCAQEA"),
    ("STATEMENT:  CREATE USER \"wabiz\" WITH ENCRYPTED PASSWORD 'hun ''ter2'", "hun ''ter2"),
    ("statement: alter role wabiz password E'hun\\'ter2';", "hun\\'ter2"),
    ("Query CREATE USER 'wabiz'@'%' IDENTIFIED BY 'hun ter2'", "hun ter2"),
    ('ALTER USER wabiz IDENTIFIED WITH mysql_native_password BY "hunter2" RETAIN', "hunter2"),
    ("SET PASSWORD FOR 'wabiz'@'%' = PASSWORD('hunter2')", "hunter2"),
    (PEM.replace("\n", "\\n").partition("-----END")[0], "MIIEowIBAAKCAQEA"),
]
HARMLESS = [
    "http://proxy:3128",
    "https://web1:9090/v1/x@y",
    "https://web1:9090?mail=a@b.c",
    "ssh://deployer@host",
    "git@github.com:o/r.git",
    "someone@example.net",
    "6250,6251,6252,6253",
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "/opt/whatsapp/bin/launch_within_docker.sh",
    "/usr/lib/jvm/Java17OpenJdk64Bit/Lib2Server3",
    f"registry:5000/coreapp@sha256:{'ab12' * 16}",
    "WhatsAppBusinessApi2Client3X",
    "550e8400-e29b-41d4-a716-446655440000",
    "wabiz-coreapp-7d9f8b6c5d-x2x4z",
    "ip-172-31-44-55.eu-central-1.compute.internal",
    "2026-01-02T03:04:05.678901Z",
    "arn:aws:iam::123456789012:role/MyRole2Name3",
    "--authentication-policy=mysql_native_password",
    "--max-connections=1000 --innodb-buffer-pool-size=512M",
    "12345678901234567890123456789012345",
    "username=u,addr=1.2.3.4,vers=3.0,ro",
    "Server=x;User Id=y;Encrypt=yes",
    "auth:8080",
    "http://auth:8080/x",
    "token-service:8080",
    "auth.example.net:8080/x",
    "<name>x</name><pin_length>3</pin_length>",
    "sshpass -e ssh host",
    'FATAL:  password authentication failed for user "wabiz"',
    "https://hooks.slack.com/docs",
    "mount -t cifs -o username=u,vers=3.0 //server/share /mnt",
    "json-file",
    "",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_by_name(name: str) -> None:
    assert is_secret_name(name)
    assert masked(name, "x", within="env") == MASK


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_no_secret_by_name(name: str) -> None:
    assert not is_secret_name(name)
    assert masked(name, "3306", within="env") == "3306"


@given(
    st.sampled_from(["PASSWORD", "SECRET", "TOKEN", "CREDENTIAL"]), st.text(string.ascii_letters + "_-.1", max_size=9)
)
def test_the_strong_words_count_wherever_they_are(word: str, around: str) -> None:
    assert is_secret_name(f"{around}{word}_{around}") and is_secret_name(f"{around}{word.lower()}")


@given(st.text())
def test_any_name_is_judged(name: str) -> None:
    assert is_secret_name(name) in (True, False)


def test_a_caller_adds_names() -> None:
    assert is_secret("HARMLESS", ["HARMLESS"])
    assert masked("HARMLESS", "x", ["HARMLESS"], "env") == MASK
    assert masked("command", ["env", "HARMLESS=x"], {"HARMLESS"}) == ["env", f"HARMLESS={MASK}"]


@pytest.mark.parametrize(("text", "secret"), SHAPES)
def test_secret_by_shape(text: str, secret: str) -> None:
    shown = masked("VALUE", text, within="env")
    assert secret not in shown
    assert MASK in shown
    assert any(secret in found for found in secrets_in("env", {"VALUE": text}))


@pytest.mark.parametrize("text", HARMLESS)
def test_no_secret_by_shape(text: str) -> None:
    assert masked("VALUE", text, within="env") == text


@given(st.binary(min_size=16, max_size=64))
def test_hexadecimal(data: bytes) -> None:
    text = data.hex()
    if sum(map(str.isdigit, text)) >= 4 and sum(map(str.isalpha, text)) >= 3:
        assert shaped_secrets(f"x {text}, y") == {text}
    assert shaped_secrets(f"sha256:{text}") == set()


def test_base64_is_nearly_always_found() -> None:
    """What is random may look like words by chance, once in a while."""
    tokens = [
        base64.b64encode(bytes((seed * 37 + place * 101 + seed * place) % 256 for place in range(32)))
        for seed in range(500)
    ]
    missed = [token for token in tokens if not shaped_secrets(token.decode())]
    assert len(missed) < len(tokens) / 10


words = st.text(string.ascii_lowercase, min_size=2, max_size=12)


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from(["-", "_", "/", ".", " ", ",", ":"]))
def test_words_are_no_secrets(parts: list[str], between: str) -> None:
    text = between.join(parts)
    assert shaped_secrets(text) == set()


@given(st.text(string.ascii_letters + string.digits + "!$%&'\"\\ ;#", min_size=1).map(lambda text: f"q{text}"))
def test_a_password_in_a_url_never_shows(password: str) -> None:
    shown = masked("PROXY", f"https://user:{quote(password)}@proxy:3128/x", within="env")
    assert shown == f"https://user:{MASK}@proxy:3128/x"


@pytest.mark.parametrize(
    "text",
    [
        "username=u,password=[pw],addr=1.2.3.4",
        "o=username=u,password=[hunter2]",
        "username=u,password=[my pw],ro",
        "mount -t cifs -o username=u,password=[qqq],ro //server/share /mnt",
        "mount -o password=[qqq],username=u //server/share /mnt",
        "user=u|password=[hunter2]",
        "user=u|password=[hun ter2]|x=y",
        "user=u&password=[hun ter2]&x=y",
        "FOO=password=[hunter2]",
        "JAVA=-Dpassword=[hunter2x]",
        "opts: password: [hunter2]",
        "password:[12345]",
        "db.password:[12345]",
        '{"password":[12345]',
        "Password=[S3 cret];Encrypt=yes",
        "Server=x; Password=[S3 cret]; Encrypt=yes",
        "jdbc:sqlserver://h:1433;user=sa;password=[q b];encrypt=true",
        "Driver=x;Password=[{a;b}];X=y",
        "PASSWORD=[hunter2];OTHER=c",
        "host=db password=[hun,ter2] user=x",
        "host=db password=[hun;ter2] user=x",
        "password=[hunter,2==]",
        'password=[hun"ter2]',
        'password="[hun\\"ter2]" x',
        "password='[it'\"'\"'s ours]' next",
        "password='[it'\\''s ours]' next",
        '{\\"password\\": \\"[hun ter2]\\", \\"x\\": 1}',
        "sh -c 'x --password=[hunter2]' --port 80",
        "x --password=[hunter2] && y",
        "mysql -p[qqq] | gzip",
        'password="[hunter2]',
    ],
)
def test_where_a_value_ends(text: str) -> None:
    """What is between brackets is masked, and nothing else."""
    shown = re.sub(r"\[.*?\]", lambda _secret: MASK, text)
    assert masked("VALUE", text.replace("[", "").replace("]", ""), within="env") == shown


def test_secrets_that_overlap_leave_no_rest() -> None:
    assert masked("VALUE", "token=https://user:hunter2@host", within="env") == f"token={MASK}"
    assert masked("command", ["x", "--password=aab", "-u", "u:aba"])[3] == f"u:{MASK}"


def test_options_of_a_volumes_driver() -> None:
    options = {"type": "cifs", "o": "username=u,password=qqq,addr=1.2.3.4"}
    assert masked("mounts", [{"source": "tokens=x", "volume_options": options}]) == [
        {"source": "tokens=x", "volume_options": {"type": "cifs", "o": f"username=u,password={MASK},addr=1.2.3.4"}}
    ]


@pytest.mark.parametrize("text", ["a", " ", "password=a,", "://u:a b ", "'", "\\", "<password>", "password='", "x=1;"])
def test_long_texts_take_no_long_time(text: str) -> None:
    began = time.monotonic()
    masked("VALUE", text * (10000 // len(text)), within="env")
    assert time.monotonic() - began < 5


def test_arguments_are_divided_already() -> None:
    assert masked("command", ["x", "--password=qq b,c", "--port=1"]) == ["x", f"--password={MASK}", "--port=1"]
    assert masked("command", ["sshpass", "-p", "qq b", "ssh", "h"]) == ["sshpass", "-p", MASK, "ssh", "h"]
    assert masked("command", ["curl", "-u", "admin:hun ter2", "b"]) == ["curl", "-u", f"admin:{MASK}", "b"]
    assert masked("command", ["mysql", "-pqq b"]) == ["mysql", f"-p{MASK}"]
    script = ["sh", "-c", f"PASSWORD={MASK} ./run --port 80"]
    assert masked("command", ["sh", "-c", "PASSWORD=hunter2 ./run --port 80"]) == script
    assert masked("command", ["sh", "-c", "OPTS=--password=hunter2 run"]) == ["sh", "-c", f"OPTS=--password={MASK} run"]


def test_commands() -> None:
    command = ["server", "--password", "a b", "--user", "x", "--requirepass", "zz", "-v"]
    assert masked("command", command) == ["server", "--password", MASK, "--user", "x", "--requirepass", MASK, "-v"]
    assert masked("healthcheck", {"test": ["CMD", "mysqladmin", "ping", "-pfoo"], "interval": "5s"}) == {
        "test": ["CMD", "mysqladmin", "ping", f"-p{MASK}"],
        "interval": "5s",
    }
    assert masked("command", ["curl", "-u", "admin:hunter2"]) == ["curl", "-u", f"admin:{MASK}"]
    assert masked("command", ["sh", "-c", "exec x --token=abc"]) == ["sh", "-c", f"exec x --token={MASK}"]


def test_other_options() -> None:
    assert masked("log_options", {"splunk-token": "abc", "max-size": "50m"}) == {
        "splunk-token": MASK,
        "max-size": "50m",
    }
    assert masked("labels", {"traefik.auth.basicauth.users": "a:b", "x": "y"})["traefik.auth.basicauth.users"] == MASK
    hosts = {"auth.example.net": "10.0.0.1", "x": "https://a:b@c"}
    assert masked("etc_hosts", hosts) == {"auth.example.net": "10.0.0.1", "x": f"https://a:{MASK}@c"}
    assert masked("image", f"coreapp:{'ab12' * 10}") == f"coreapp:{'ab12' * 10}"
    assert masked("labels", {"org.opencontainers.image.revision": "ab12" * 10}) == {
        "org.opencontainers.image.revision": "ab12" * 10
    }
    assert masked("stop_timeout", 60) == 60
    assert masked("env", {"WA_SECRET": None, "TOKEN": True, "PIN": 1234}) == {
        "WA_SECRET": None,
        "TOKEN": True,
        "PIN": MASK,
    }


structure: Any = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(["env", "command", "labels", "etc_hosts", "healthcheck", "x"]), structure)
def test_masking_copes_with_anything(option: str, value: Any) -> None:
    masked(option, value)
    assert "" not in secrets_in(option, value)


# --- scrub ----------------------------------------------------------------------------------------------------------

awkward = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=4, max_size=20).filter(
    lambda text: "*" not in text and len(set(text)) > 2
)


@given(awkward)
def test_a_secret_is_found_however_it_is_quoted(secret: str) -> None:
    ways = [
        secret,
        json.dumps({"k": secret}),
        json.dumps({"k": secret}, ensure_ascii=False),
        json.dumps(json.dumps(secret)),
        repr({"k": secret}),
        repr(f"'{secret}"),
        shlex.quote(secret),
        f"x={quote(secret)}&y={quote(secret, safe='')}",
        re.sub("%..", lambda code: code[0].lower(), quote(secret, safe="")),
    ]
    for text in ways:
        assert secret not in scrub(text, {secret})
        assert MASK in scrub(text, {secret})
        # Not even most of it.
        rest = scrub(text, {secret}).replace(MASK, "")
        assert secret[1:] not in rest or secret[1:] in text.replace(secret, "")


@pytest.mark.parametrize(
    "secret", ["it's", 'a"b"c', "100%s", "$HOME", "a\\b", "with space", "<b>&", "ümlaut", "a\nb-c"]
)
def test_awkward_secrets(secret: str) -> None:
    go = json.dumps(secret).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    for text in (secret, json.dumps(secret), go, repr(secret), shlex.quote(secret), quote(secret), f"env={[secret]}"):
        rest = scrub(f"before {text} after", {secret})
        assert rest.replace(MASK, "").strip("'\"[]env= ").startswith("before"), rest
        for form in written_forms(secret):
            assert form not in rest


def test_lines_of_a_secret_of_many_lines() -> None:
    assert "MIIEowIBAAKCAQEA" not in scrub("cannot parse 'MIIEowIBAAKCAQEA'", {PEM})


def test_the_longest_secret_is_first() -> None:
    assert scrub("abcdefgh", {"abcd", "abcdefgh"}) == MASK


def test_short_values_and_other_types_stay() -> None:
    assert scrub({"a": ["abc", 1, None, True]}, {"abc"}) == {"a": ["abc", 1, None, True]}
    assert scrub("text", set()) == "text"


def test_a_value_fits_what_is_shown_of_it() -> None:
    assert fits(f"user=wa,password={MASK}", "user=wa,password=any, with a comma\nand more")
    assert not fits(f"user=wa,password={MASK}", "user=wb,password=any")
    assert fits("plain.text", "plain.text")
    assert not fits("plain.text", "plain-text")
