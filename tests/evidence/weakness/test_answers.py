from __future__ import annotations

import pytest

from .look import look, view


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("cross-site-scripting", "return f'<b>{x}</b>'", "return f'<b>{escape(x)}</b>'"),
        ("cross-site-scripting", "return make_response('Hi ' + x)", "return make_response({'x': x})"),
        ("cross-site-scripting", "return Response(x)", "return Response(x, mimetype='text/plain')"),
        ("cross-site-scripting", "return Response(x)", "r = Response(x)\nr.mimetype = 'text/plain'\nreturn r"),
        ("traceback-in-response", "return traceback.format_exc()", "app.logger.error(traceback.format_exc())"),
        (
            "exception-in-response",
            "try:\n    go()\nexcept Exception as e:\n    return jsonify(error=str(e))",
            "try:\n    go()\nexcept ValueError as e:\n    return jsonify(error=str(e))",
        ),
        ("cookie-flags", "r.set_cookie('session', v)", "r.set_cookie('session', v, secure=True, httponly=True)"),
        ("cookie-flag-off", "r.set_cookie('a', v, secure=False)", "r.set_cookie('theme', v)"),
        ("secret-in-log", "app.logger.info(f'got {password}')", "app.logger.info(f'got {mask(password)}')"),
        (
            "cookie-flag-off",
            "app.config['SESSION_COOKIE_SECURE'] = False",
            "app.config['SESSION_COOKIE_SECURE'] = True",
        ),
        ("csrf-check-off", "app.config['WTF_CSRF_ENABLED'] = False", "app.config['WTF_CSRF_ENABLED'] = True"),
        (
            "cors-any-origin-with-credentials",
            "CORS(app, origins='*', supports_credentials=True)",
            "CORS(app, origins=['https://a.org'], supports_credentials=True)",
        ),
    ],
)
def test_what_is_sent_to_clients(rule: str, bad: str, good: str) -> None:
    assert view(bad, "import traceback") == [rule]
    assert view(good, "import traceback") == []


def test_only_an_answer_to_a_request_shows_a_traceback() -> None:
    assert look("import traceback\nfrom flask import Flask\ndef f():\n    return traceback.format_exc()") == []
