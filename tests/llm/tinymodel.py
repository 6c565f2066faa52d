"""A model of gpt2's architecture with random weights and a tokenizer trained here: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZE = 500
CONTEXT = 256
CHAT = (
    "{% for m in messages %}<|turn|>{{ m.role }}\n{{ m.content }}{% if not loop.last %}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|end|><|turn|>assistant\n{% endif %}"
)


def save(place: Path, chat: bool = False) -> Path:
    """Write the model to a folder."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=SIZE, n_positions=CONTEXT, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
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
