"""A model of gpt2's architecture with random weights and a tokenizer trained here: nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SIZE = 500
CONTEXT = 256
# Of a GGUF file of this architecture Transformers takes no other.
GGUF_CONTEXT = 1024
CHAT = (
    "{% for m in messages %}<|turn|>{{ m.role }}\n{{ m.content }}{% if not loop.last %}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|end|><|turn|>assistant\n{% endif %}"
)


def save(place: Path, chat: bool = False, context: int = CONTEXT) -> Path:
    """Write the model to a folder."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=SIZE, n_positions=context, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_trained(), eos_token="<|end|>", additional_special_tokens=["<|turn|>"]
    )
    model = GPT2LMHeadModel(config)
    _make_lively(model, tokenizer)
    model.save_pretrained(place, safe_serialization=True)
    if chat:
        tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(place)
    return place


def _make_lively(model: Any, tokenizer: Any) -> None:
    """Another word at every position, of plain letters: left alone it repeats the last token for ever."""
    import torch

    with torch.no_grad():
        model.transformer.wpe.weight.mul_(40)
        for number in range(SIZE):
            if not tokenizer.decode([number]).strip().isalpha() or not tokenizer.decode([number]).isascii():
                model.transformer.wte.weight[number] = 0


def _trained() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE - 2, special_tokens=["<|end|>", "<|turn|>"], initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator([Path(__file__).read_text()] * 2, trainer)
    return tokenizer


def save_gguf(folder: Path, path: Path) -> Path:
    """Write the model of a folder as one GGUF file, as llama.cpp names its parts."""
    import gguf
    from transformers import AutoTokenizer, GPT2LMHeadModel

    model, tokenizer = GPT2LMHeadModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_context_length(model.config.n_positions)
    writer.add_embedding_length(model.config.n_embd)
    writer.add_feed_forward_length(4 * model.config.n_embd)
    writer.add_block_count(model.config.n_layer)
    writer.add_head_count(model.config.n_head)
    writer.add_layer_norm_eps(model.config.layer_norm_epsilon)
    _write_words(writer, tokenizer, model.config.vocab_size)
    for name, tensor in model.state_dict().items():
        known = _gguf_name(name)
        if known:
            writer.add_tensor(known, (tensor.T if _turned(name) else tensor).contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


PARTS = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",
    "lm_head": "output", "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}  # fmt: skip


def _gguf_name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    block = stem.removeprefix("transformer.h.").split(".", 1) if stem.startswith("transformer.h.") else []
    part = PARTS.get(block[1] if block else stem, "")
    return f"{f'blk.{block[0]}.' if block else ''}{part}.{kind}" if part else ""


def _turned(name: str) -> bool:
    """gpt2's layers keep their weights the other way round."""
    return name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))


def _write_words(writer: Any, tokenizer: Any, size: int) -> None:
    words = sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    names = [word for word, _ in words]
    names += [f"<|unused{n}|>" for n in range(len(names), size)]
    writer.add_token_list(names)
    writer.add_token_types([3 if name.startswith("<|") else 1 for name in names])
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_bos_token_id(tokenizer.eos_token_id)
