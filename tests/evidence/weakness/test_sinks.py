from __future__ import annotations

import pytest

from .look import look, view


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("code-injection", "eval('f(' + x + ')')", "eval('f()')"),
        ("command-injection", "os.system(f'ls {x}')", "os.system('ls')"),
        ("command-injection", "subprocess.run('ls ' + x, shell=True)", "subprocess.run(['ls', x])"),
        ("sql-injection", "db.execute(\"select '%s'\" % x)", "db.execute('select ?', (x,))"),
        ("template-injection", "render_template_string('Hi ' + x)", "render_template_string('Hi {{ x }}', x=x)"),
        ("unsafe-deserialisation", "pickle.loads(request.get_data())", "pickle.loads(LOCAL)"),
        ("unsafe-deserialisation", "yaml.load(x)", "yaml.load(x, Loader=yaml.SafeLoader)"),
        ("path-traversal", "open(os.path.join('/srv', x))", "open(os.path.join('/srv', secure_filename(x)))"),
        ("path-traversal", "return send_file(f'files/{x}')", "return send_from_directory('files', x)"),
        ("path-traversal", "(Path('/srv') / x).read_text()", "(Path('/srv') / 'y').read_text()"),
        ("unrestricted-upload", "f = request.files['f']\nf.save('up/' + f.filename)", "request.files['f'].save(NAME)"),
        ("open-redirect", "return redirect(x)", "return redirect('/users/' + x)"),
        ("open-redirect", "return redirect(x)", "return redirect(BASE + x)"),
        ("request-path-forgery", "requests.get(API + x, timeout=1)", "requests.get(API, timeout=1)"),
        ("open-redirect", "r.headers['Location'] = x", "r.headers['Location'] = f'https://a.org/{x}'"),
        ("request-forgery", "requests.get(f'https://{x}.a.org/', timeout=1)", "requests.get(HOSTS[x], timeout=1)"),
        ("request-path-forgery", "requests.get('https://a.org/' + x)", "requests.get('https://a.org/' + quote(x))"),
        ("xpath-injection", "tree.xpath(f\"//a[@id='{x}']\")", "tree.xpath('//a[@id=$i]', i=x)"),
        (
            "ldap-injection",
            "con.search_s(DN, S, f'(uid={x})')",
            "con.search_s(DN, S, f'(uid={escape_filter_chars(x)})')",
        ),
        ("regex-injection", "re.compile(x)", "re.compile(re.escape(x))"),
        ("log-injection", "app.logger.info('got %s', x)", "app.logger.info('got %r', x)"),
        ("log-injection", "app.logger.info('got ' + x)", "app.logger.info(x.replace('\\n', ''))"),
        ("header-from-request", "r.headers['X-A'] = x", "r.headers['X-A'] = 'a'"),
        ("attribute-from-request", "getattr(obj, x)()", "getattr(obj, 'do_' + x)()"),
        ("format-from-request", "x.format(user=user)", "'{}'.format(x)"),
        ("xml-of-request", "etree.fromstring(x)", "etree.fromstring(x, etree.XMLParser(resolve_entities=False))"),
    ],
)
def test_data_of_a_request_is_followed_to_where_it_does_harm(rule: str, bad: str, good: str) -> None:
    imports = (
        "import os, subprocess, pickle, yaml, requests, re, ldap\nfrom pathlib import Path\nfrom lxml import etree\n"
        "from flask import render_template_string, send_from_directory\nfrom urllib.parse import quote"
    )
    assert view(bad, imports) == [rule]
    assert view(good, imports) == []


def test_queries_that_are_put_together_are_found_without_a_request_but_not_when_escaped() -> None:
    head = "import ldap\nfrom lxml import etree\ndef f(tree, con, name):\n    "
    assert look(head + "return tree.xpath(f\"//u[n='{name}']\")") == ["xpath-built-from-text"]
    assert look(head + "return tree.xpath(f\"//u[n='{quoted(name)}']\")") == []
    assert look(head + "return con.search_s('dc=a', 2, '(uid=%s)' % name)") == ["ldap-built-from-text"]
    assert look(head + "return con.search_s('dc=a', 2, '(uid=%s)' % escape_filter_chars(name))") == []


@pytest.mark.parametrize(
    "code",
    [
        "from django.shortcuts import redirect\ndef v(request):\n    return redirect(request.GET['to'])",
        "from fastapi import FastAPI\nfrom fastapi.responses import RedirectResponse as R\napp = FastAPI()\n"
        "@app.get('/go')\nasync def go(to: str):\n    return R(to)",
        "import tornado.web\nclass H(tornado.web.RequestHandler):\n    def get(self):\n"
        "        self.redirect(self.get_argument('to'))",
    ],
)
def test_requests_of_several_frameworks_are_known(code: str) -> None:
    assert look(code) == ["open-redirect"]


def test_what_is_no_request_or_no_web_application_is_left_alone() -> None:
    assert look("def f(name):\n    return open(name).read()") == []
    assert look("import sys\nopen(sys.argv[1])") == []
    assert look("def send(request):\n    return open(request.headers['x'])") == []
    typed = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(n: int):\n    return open(n)"
    assert look(typed) == []
    assert look("from flask import Flask\n@app.route('/<name>')\ndef f(name):\n    return open('a/' + name)") == []
    assert look("from flask import Flask\n@app.route('/<path:name>')\ndef f(name):\n    return open('a/' + name)") != []
