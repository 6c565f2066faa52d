"""Where data of a request does harm when nothing has checked it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from . import rules
from .flow import Context
from .rules import Rule
from .values import Origin, Value

# The first argument decides.
FIRST = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__", "importlib.import_module", "runpy.run_path"), rules.CODE),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"), rules.COMMAND),
    **dict.fromkeys(("asyncio.create_subprocess_shell", "pexpect.spawn", "os.execv", "os.execvp"), rules.COMMAND),
    **dict.fromkeys(("flask.render_template_string", "jinja2.Template", "mako.template.Template"), rules.TEMPLATE),
    **dict.fromkeys(("django.template.Template", "bottle.SimpleTemplate", "tornado.template.Template"), rules.TEMPLATE),
    **dict.fromkeys(("pickle.loads", "pickle.load", "dill.loads", "marshal.loads", "jsonpickle.decode"), rules.OBJECT),
    **dict.fromkeys(("yaml.unsafe_load", "yaml.full_load", "yaml.unsafe_load_all", "shelve.open"), rules.OBJECT),
    **dict.fromkeys(("pandas.read_pickle", "joblib.load", "cloudpickle.loads", "_pickle.loads"), rules.OBJECT),
    **dict.fromkeys(("re.compile", "re.search", "re.match", "re.fullmatch", "re.findall", "re.finditer"), rules.REGEX),
    **dict.fromkeys(("re.sub", "re.split"), rules.REGEX),
    **dict.fromkeys(("lxml.etree.XPath", "lxml.etree.ETXPath"), rules.XPATH),
    **dict.fromkeys(("markupsafe.Markup", "flask.Markup", "django.utils.safestring.mark_safe"), rules.XSS),
}  # fmt: skip
PATHS = frozenset(
    {
        *("open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rename", "os.replace", "os.rmdir"),
        *("os.listdir", "os.scandir", "os.walk", "os.chmod", "os.chown", "os.mkdir", "os.makedirs", "os.removedirs"),
        *("shutil.rmtree", "shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move", "shutil.unpack_archive"),
        *("flask.send_file", "starlette.responses.FileResponse", "fastapi.responses.FileResponse", "aiofiles.open"),
        *("django.http.FileResponse", "zipfile.ZipFile", "tarfile.open", "linecache.getlines", "os.symlink"),
    }
)
PATH_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "open", "mkdir", "rmdir"})
REDIRECTS = frozenset(
    {
        *(
            "flask.redirect",
            "werkzeug.utils.redirect",
            "django.shortcuts.redirect",
            "bottle.redirect",
            "quart.redirect",
        ),
        *("django.http.HttpResponseRedirect", "django.http.HttpResponsePermanentRedirect", "self.redirect"),
        *("starlette.responses.RedirectResponse", "fastapi.responses.RedirectResponse", "aiohttp.web.HTTPFound"),
    }
)
CALLED = frozenset(
    f"{module}.{verb}"
    for module in ("requests", "httpx", "urllib.request", "aiohttp", "requests.Session()", "urllib3")
    for verb in (
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "urlopen",
        "urlretrieve",
        "Request",
    )
)
SQL_METHODS = frozenset({"execute", "executemany", "executescript", "raw", "extra"})
LDAP_METHODS = frozenset({"search_s", "search_st", "search_ext", "search_ext_s", "search"})
LOG_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log"})
PROCESSES = frozenset(f"subprocess.{n}" for n in ("run", "call", "check_call", "check_output", "Popen"))
HOST = re.compile(r"^[a-zA-Z][\w+.-]*://[^/?#]+[/?#]")
INNER_PATH = re.compile(r"^(?:[a-zA-Z][\w+.-]*://[^/?#]+[/?#]|/[^/\\]|[?#.])")


def sinks(node: ast.AST, context: Context) -> Iterator[Rule]:
    """The rules that a call, an assignment or a returned value breaks."""
    if isinstance(node, ast.Call):
        name = context.name(node.func)
        yield from _by_name(node, name, context)
        yield from _urls(node, name, context)
        if isinstance(node.func, ast.Attribute):
            yield from _by_method(node, node.func, name, context)
    elif isinstance(node, ast.Assign):
        yield from _header(node, context)


def _by_name(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    first = context.value(node.args[0]) if node.args else context.value(_keyword(node, "file", "path", "pattern"))
    rule = FIRST.get(name)
    if rule and first.sent:
        yield rule
    elif name in PROCESSES and first.origin is Origin.REMOTE and _commands(node, context):
        yield rules.COMMAND
    elif name == "yaml.load" and first.sent and "Safe" not in ast.unparse(node):
        yield rules.OBJECT
    elif name in {"lxml.etree.fromstring", "lxml.etree.parse", "lxml.etree.XML"} and first.sent:
        if len(node.args) < 2 and not node.keywords:
            yield rules.XXE_REQUEST
    elif name in {"setattr", "getattr", "delattr"} and len(node.args) > 1 and _chooses(node.args[1], context):
        yield rules.ATTRIBUTE
    if name in PATHS and first.origin is Origin.REMOTE:
        yield rules.PATH


def _chooses(node: ast.expr, context: Context) -> bool:
    """Whether the request decides the whole of a name; one with a fixed beginning is a choice that was meant."""
    value = context.value(node)
    return value.sent and not value.text


def _commands(node: ast.Call, context: Context) -> bool:
    """Whether the request decides the program, or any part of a line for a shell."""
    shell = _keyword(node, "shell")
    if isinstance(shell, ast.Constant) and shell.value:
        return True
    argv = node.args[0] if node.args else None
    program = argv.elts[0] if isinstance(argv, ast.List | ast.Tuple) and argv.elts else argv
    return context.value(program).sent and not context.value(program).text


def _keyword(node: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg in names), None)


def _urls(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    if name in REDIRECTS:
        target = context.value(node.args[0] if node.args else _keyword(node, "location", "url", "redirect_to", "to"))
        if target.origin is Origin.REMOTE and not target.behind and not INNER_PATH.match(target.text):
            yield rules.REDIRECT
    elif name in CALLED:
        at = 1 if name.endswith(".request") else 0
        url = context.value(node.args[at] if len(node.args) > at else _keyword(node, "url"))
        if url.sent:
            yield rules.SSRF_PATH if HOST.match(url.text) or url.behind else rules.SSRF


def _by_method(node: ast.Call, function: ast.Attribute, name: str, context: Context) -> Iterator[Rule]:
    first = context.value(node.args[0]) if node.args else Value()
    receiver = context.value(function.value)
    if function.attr in SQL_METHODS and first.sent:
        yield rules.SQL
    elif function.attr in PATH_METHODS and receiver.origin is Origin.REMOTE and _is_path(function.value, context):
        yield rules.PATH
    elif function.attr == "save" and first.origin is Origin.REMOTE and receiver.sent:
        yield rules.UPLOAD
    elif function.attr == "format" and receiver.sent:
        yield rules.FORMAT
    elif function.attr == "from_string" and first.sent:
        yield rules.TEMPLATE
    elif function.attr in LOG_METHODS and is_logger(name) and _logs_breaks(node, context):
        yield rules.LOG
    yield from _queries(node, function.attr, first, context)


def _queries(node: ast.Call, method: str, first: Value, context: Context) -> Iterator[Rule]:
    packages = context.names.packages
    if method == "xpath" or (method in {"findall", "iterfind"} and packages & {"lxml", "xml"}):
        if first.sent:
            yield rules.XPATH
        elif first.built and first.origin is Origin.PARAMETER and first.text.endswith(("'", '"')):
            yield rules.XPATH_BUILT
    elif method in LDAP_METHODS and packages & {"ldap", "ldap3"}:
        arguments = [context.value(a) for a in (*node.args, *(k.value for k in node.keywords))]
        if any(v.sent for v in arguments):
            yield rules.LDAP
        elif any(v.built and v.origin is Origin.PARAMETER and v.text.startswith("(") for v in arguments):
            yield rules.LDAP_BUILT


def _is_path(node: ast.expr, context: Context) -> bool:
    """Whether an expression is surely a path: these methods' names are common."""
    return "pathlib" in context.names.packages and not (isinstance(node, ast.Call) and not context.name(node.func))


def _logs_breaks(node: ast.Call, context: Context) -> bool:
    """Whether text of a request is logged as it is; %r shows its line breaks as escapes."""
    shown = isinstance(node.args[0], ast.Constant) and "%r" in str(node.args[0].value) if node.args else False
    return not shown and any(context.value(argument).sent for argument in node.args)


def is_logger(name: str) -> bool:
    """Whether a dotted name is a method of a logger."""
    owner = name.rpartition(".")[0].rpartition(".")[2].lower()
    return owner in {"logging", "logger", "log", "_logger", "_log"}


def _header(node: ast.Assign, context: Context) -> Iterator[Rule]:
    target = node.targets[0]
    if not (isinstance(target, ast.Subscript) and context.value(node.value).sent and context.names.is_web):
        return
    key = target.slice.value if isinstance(target.slice, ast.Constant) else ""
    holder = target.value
    if isinstance(holder, ast.Attribute) and holder.attr == "headers" and isinstance(key, str):
        if key.lower() != "location":
            yield rules.HEADER
        elif not INNER_PATH.match(context.value(node.value).text) and not context.value(node.value).behind:
            yield rules.REDIRECT
