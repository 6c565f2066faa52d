"""A stand-in for the engine, which `reviewer.llm.server` imports in its place."""

from __future__ import annotations

# What it answers is decided by the last words of the prompt. It keeps each request's body in a file, is noisy on both
# standard streams, and takes over the interrupt, as the real engine does.
ENGINE = """
import http.server, json, os, pathlib, signal, sys, threading, time, types

class common_reasoning_format:
    COMMON_REASONING_FORMAT_NONE = 0

class common_speculative_type:
    COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE = "ngram_simple"

class CommonParams(types.SimpleNamespace):
    def __init__(self):
        super().__init__(model=types.SimpleNamespace(), cpuparams=types.SimpleNamespace(),
                         cpuparams_batch=types.SimpleNamespace(),
                         speculative=types.SimpleNamespace(ngram_simple=types.SimpleNamespace()))

def say(callback, text=None, index=0, end=None, **extra):
    choices = [{"index": index, "delta": {"content": text}, "finish_reason": end}]
    return callback(json.dumps({"choices": choices, **extra}))

class Server:
    def __init__(self, params):
        if "unloadable" in params.model.path:
            raise RuntimeError("no such architecture")
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("noise"); print("noise", file=sys.stderr)
        self.log = pathlib.Path(params.model.path + ".log")
        self.plain = False
        self.serve(params)

    def serve(self, params):
        def answer(handler):
            allowed = handler.headers["Authorization"] == f"Bearer {params.api_keys[0]}"
            length = int(handler.headers["Content-Length"] or 0)
            told = json.loads(handler.rfile.read(length)) if length else None
            if told and "save" in handler.path:
                pathlib.Path(params.slot_save_path, told["filename"]).write_text("state")
            if told and "restore" in handler.path:
                with open(params.model.path + ".restored", "a") as log:
                    log.write(handler.path + " " + told["filename"] + "\\n")
            handler.send_response(200 if allowed else 401)
            handler.end_headers()
            handler.wfile.write(b"{}")
        methods = {"do_GET": answer, "do_POST": answer, "log_message": lambda *_: None}
        server = http.server.HTTPServer(("127.0.0.1", 0), type("Port", (http.server.BaseHTTPRequestHandler,), methods))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{server.server_port}"

    def handle_completions(self, body, callback):
        self.plain = True
        callback(json.dumps({"choices": [{"index": 0, "text": "plain", "finish_reason": "stop"}]}))
        self.keep(json.loads(body))

    def keep(self, body):
        with self.log.open("a") as log:
            log.write(json.dumps(body) + "\\n")

    def handle_chat_completions(self, body, callback):
        body = json.loads(body)
        self.keep(body)
        prompt = body["messages"][-1]["content"]
        say(callback, prompt_progress={"total": len(prompt)})
        if "hang" in prompt:
            while not say(callback, "."):
                time.sleep(0.01)
            self.log.with_suffix(".stopped").touch()
            return
        if "slow" in prompt:
            for _ in range(200):
                if say(callback, "."):
                    return
                time.sleep(0.01)
            return say(callback, "slowly", 0, "stop")
        if "crash" in prompt:
            print("GGML_ASSERT failed", file=sys.stderr, flush=True)
            os._exit(9)
        if "refuse" in prompt:
            return callback(json.dumps({"error": {"code": 400, "message": "bad grammar"}}))
        if "toolong" in prompt:
            return callback(json.dumps({"error": {"message": "too long", "n_prompt_tokens": 9999}}))
        for index in range(body.get("n", 1)):
            say(callback, "an ", index)
            say(callback, f"answer {index}", index)
            say(callback, None, index, "length" if index else "stop")
            usage = {"prompt_tokens": 30, "completion_tokens": 4, "total_tokens": 34}
            usage["prompt_tokens_details"] = {"cached_tokens": 20}
            callback(json.dumps({"choices": [], "usage": usage}))
"""
