"""Any causal model of the hub or a folder, by PyTorch and Transformers: for GPUs, and what llama.cpp cannot read.

Weights are safetensors or GGUF, never pickles; no code of a model's repository is run. It computes in this process,
token by token, so that a time-out or an interrupt is noticed between two tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import AnswerError, ModelError
from ..review import ModelInfo, Skipped, Usage
from .base import OnText, Reply, Request, Sample, Token
from .chat import messages, plain
from .steps import Constraint, Watch

MAX_SAMPLES = 8
HINT = 'pip install "llm-review[transformers]"'
# Kept unpacked it would take several times its size on the disk, without being asked for.
UNPACKED = Skipped(
    "a GGUF file that is kept unpacked",
    "Transformers unpacks it at each load, which takes a minute for half a billion weights: safetensors (a name of the "
    "hub or a folder), or provider = llamacpp, load in seconds",
    harmless=True,
)
# What a model and its tokenizer are loaded with, besides the name: safetensors or a GGUF file, and no foreign code.
Source = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory. `context` is the most tokens that it can see, 0 where it does not say.

    `unpacked`: its weights were made from a GGUF file, as they are at each load.
    """

    tokenizer: Any
    model: Any
    device: str
    context: int
    unpacked: bool = False


class Transformers:
    """A Provider. Loads at the first request, from the first source that can be had; `close` frees the memory."""

    def __init__(self, name: str, sources: tuple[Source, ...], device: str = "auto", dtype: str = "auto") -> None:
        """`device` is cuda, mps, cpu or auto; `dtype` a name that PyTorch knows, or auto."""
        self._name, self._sources, self._device, self._dtype = name, sources, device, dtype
        self._loaded: Loaded | None = None

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return ModelInfo("transformers", self._name)

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. With a schema, `prefill` and the text together satisfy it."""
        if not 1 <= request.samples <= MAX_SAMPLES:
            raise ModelError(f"{request.samples} samples were asked for; 1 to {MAX_SAMPLES} can be had at once")
        begin = time.monotonic()
        loaded = self._ready()
        prompt = _prompt(request, loaded)
        watch = Watch(loaded.tokenizer, prompt.shape[1], request.stop, begin + request.timeout, on_text)
        made = _generated(request, loaded, prompt, watch)
        samples = _samples(request, loaded, made, watch)
        if not any(sample.text.strip() for sample in samples):
            raise AnswerError("the model gave an empty answer", "try another model")
        usage = Usage(prompt.shape[1], 0, sum(watch.lengths(made.sequences)))
        return Reply(samples, usage, time.monotonic() - begin, (UNPACKED,) if loaded.unpacked else ())

    def close(self) -> None:
        """Release the model. May be called twice."""
        if self._loaded is not None:
            import torch  # noqa: PLC0415

            on_gpu = self._loaded.device == "cuda"
            self._loaded = None
            if on_gpu:
                torch.cuda.empty_cache()

    def _ready(self) -> Loaded:
        if self._loaded is None:
            self._loaded = load(self._name, self._sources, self._device, self._dtype)
        return self._loaded


def load(name: str, sources: tuple[Source, ...], device: str, dtype: str) -> Loaded:
    """The model from the first source that has it. Raises ModelError: not installed, not to be had, no memory."""
    try:
        import torch  # noqa: PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise ModelError("PyTorch and Transformers are not installed", HINT) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    where = _device(torch, device)
    problem = ""
    for place, options in sources:
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(place, trust_remote_code=False, **_gguf(options))
            model = transformers.AutoModelForCausalLM.from_pretrained(
                place, trust_remote_code=False, dtype=_dtype(torch, where, dtype), **options
            )
            model = model.to(where).eval()
        except torch.OutOfMemoryError as error:
            raise ModelError(
                f"{name} does not fit the memory of the GPU", "use a smaller model, or device = cpu"
            ) from error
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            problem += f"{'; ' if problem else ''}{place}: {str(error).strip().splitlines()[0][:200]}"
            continue
        context = getattr(model.config, "max_position_embeddings", 0) or 0
        return Loaded(tokenizer, model, where, int(context), "gguf_file" in options)
    raise ModelError(f"{name} cannot be loaded: {problem}", "give a model of the hub, a folder, or a .gguf file")


def _gguf(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key == "gguf_file"}


def _device(torch: Any, wanted: str) -> str:
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available, "cpu": lambda: True}
    if wanted == "auto":
        return next(name for name, here in there.items() if here())
    if not there[wanted]():
        raise ModelError(f"PyTorch sees no {wanted} here", "set device = auto")
    return wanted


def _dtype(torch: Any, device: str, wanted: str) -> Any:
    if wanted != "auto":
        return getattr(torch, wanted)
    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float16


def _prompt(request: Request, loaded: Loaded) -> Any:
    """The tokens of the question. Raises ModelError when they and the answer are more than the model can see."""
    tokenizer = loaded.tokenizer
    if tokenizer.chat_template:
        text, special = _templated(tokenizer, request), False
    else:
        text, special = _harmless(plain(request), tokenizer), True
    tokens = tokenizer(text, return_tensors="pt", add_special_tokens=special)["input_ids"]
    if loaded.context and tokens.shape[1] + request.max_tokens > loaded.context:
        raise AnswerError(
            f"the prompt has {tokens.shape[1]} tokens; with an answer of up to {request.max_tokens} tokens "
            f"it does not fit the context of {loaded.context}",
            "review a smaller unit, or ask for a shorter answer",
        )
    return tokens.to(loaded.device)


def _templated(tokenizer: Any, request: Request) -> str:
    turns = [{**turn, "content": _harmless(turn["content"], tokenizer)} for turn in messages(request)]
    mode = {"continue_final_message": True} if request.prefill else {"add_generation_prompt": True}
    from jinja2 import TemplateError  # noqa: PLC0415 - comes with Transformers' chat templates

    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False, **mode))
    except TemplateError:
        # Some models know no system turn: its text becomes the beginning of the question.
        first, second, *rest = turns
        merged = {"role": "user", "content": f"{first['content']}\n\n{second['content']}"}
        return str(tokenizer.apply_chat_template([merged, *rest], tokenize=False, **mode))


def _harmless(text: str, tokenizer: Any) -> str:
    """Code under review must not be able to end its turn: the model's own control tokens are taken apart."""
    for token in tokenizer.all_special_tokens:
        if len(token) > 1:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _generated(request: Request, loaded: Loaded, prompt: Any, watch: Watch) -> Any:
    import torch  # noqa: PLC0415

    hot = request.temperature > 0
    sampling: dict[str, Any] = dict.fromkeys(("temperature", "top_k", "top_p"))
    if hot:
        sampling = {"temperature": request.temperature, "top_k": 0, "top_p": 1.0}
    processors: list[Callable[..., Any]] = []
    if request.schema is not None:
        processors.append(Constraint(loaded.tokenizer, request.schema, request.prefill, prompt.shape[1]))
    with torch.inference_mode(), torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(request.seed)
        try:
            return loaded.model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=request.max_tokens,
                num_return_sequences=request.samples if hot else 1,
                pad_token_id=watch.pad,
                logits_processor=processors,
                stopping_criteria=[watch],
                output_logits=request.logprobs > 0,
                return_dict_in_generate=True,
                do_sample=hot,
                **sampling,
            )
        except torch.OutOfMemoryError as error:
            raise ModelError("the GPU has no memory left for this prompt", "use a smaller model or unit") from error


def _samples(request: Request, loaded: Loaded, made: Any, watch: Watch) -> tuple[Sample, ...]:
    samples = []
    for row, length in enumerate(watch.lengths(made.sequences)):
        tokens = made.sequences[row, watch.start : watch.start + length]
        text, finish = watch.ended(row, tokens)
        known = _tokens(loaded.tokenizer, made.logits, row, tokens, request.logprobs) if request.logprobs else ()
        samples.append(Sample(text, finish, known))
    # Without a temperature all samples are the same: computed once.
    return tuple(samples * request.samples)[: request.samples]


def _tokens(tokenizer: Any, logits: Any, row: int, tokens: Any, others: int) -> tuple[Token, ...]:
    found = []
    for step, token in enumerate(tokens.tolist()):
        chances = logits[step][row].float().log_softmax(-1)
        best = chances.topk(others)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        likely = tuple((tokenizer.decode([number]), chance) for number, chance in pairs)
        found.append(Token(tokenizer.decode([token]), float(chances[token]), likely))
    return tuple(found)
