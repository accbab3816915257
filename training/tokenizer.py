"""The tokenizer: a Unigram model over words that jieba finds, single characters and English pieces.

A Unigram model with word frequencies is jieba's own segmentation rule, but it runs inside ``tokenizers``, so
that the exported model needs nothing else. Words longer than four characters are left out: 联合国大会 then
falls apart into 联合国 and 大会, which a query is more likely to share.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"
MAX_WORD = 4
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|[0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
# scores of what is not a counted word: below every word, so that a known word always wins over its pieces
_CHARACTER_SCORE, _PIECE_SCORE, _LETTER_SCORE = -22.0, -22.0, -26.0


def count_words(texts: Iterable[str], extra_words: Iterable[str] = ()) -> Counter[str]:
    """How often each Chinese word (by jieba), English word and number occurs in ``texts``, lower-cased."""
    import jieba

    jieba.setLogLevel(60)
    for word in extra_words:
        if _HAN.fullmatch(word) and 1 < len(word) <= MAX_WORD:
            jieba.add_word(word)
    counts: Counter[str] = Counter()
    normalize = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]).normalize_str
    for text in texts:
        for run in _RUN.findall(normalize(text)):
            if _HAN.match(run):
                counts.update(jieba.lcut(run))
            else:
                counts[run] += 1
    return counts


def build_tokenizer(counts: Counter[str], *, size: int, extra_words: Iterable[str] = ()) -> Tokenizer:
    """A tokenizer of about ``size`` tokens: characters, English pieces, and as many frequent words as fit.

    ``extra_words`` (terms of the thesaurus) are kept however rare they are, beyond ``size`` if need be.
    """
    kept = {word: counts[word] for word in extra_words if _keepable(word)}
    pieces = _english_pieces(counts, size=max(200, size // 20))
    characters = {char for word in counts if _HAN.match(word) for char in word}
    room = size - len(characters) - len(pieces) - len(kept)
    for word, count in counts.most_common():
        if room <= 0 or count < 3:
            break
        if word not in kept and _keepable(word):
            kept[word] = count
            room -= 1
    total = sum(counts.values())
    scores = {word: math.log(max(count, 3) / total) for word, count in kept.items()}
    for char in sorted(characters):
        scores.setdefault(char, _CHARACTER_SCORE)
    for piece in pieces:
        scores.setdefault(piece, _PIECE_SCORE)
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        scores.setdefault(letter, _LETTER_SCORE)
    return _assemble([(UNKNOWN, -60.0), *scores.items()])


def _keepable(word: str) -> bool:
    if _HAN.fullmatch(word):
        return len(word) <= MAX_WORD
    if word.isdigit():
        return len(word) <= 2 or (len(word) == 4 and 1900 <= int(word) <= 2035)
    return bool(re.fullmatch(r"[a-z]{2,20}", word))


def _english_pieces(counts: Counter[str], *, size: int) -> list[str]:
    """Pieces for English words outside the vocabulary, trained on the word list with its counts."""
    words = [
        word
        for word, count in counts.items()
        if re.fullmatch(r"[a-z]{3,}", word)
        for _ in range(min(count, 20))
    ]
    if not words:
        return []
    trained = Tokenizer(models.Unigram())
    trained.train_from_iterator(
        words, trainers.UnigramTrainer(vocab_size=size, max_piece_length=8, show_progress=False)
    )
    return [piece for piece in trained.get_vocab() if len(piece) > 1]


def _assemble(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[^\p{L}\p{N}]+"), behavior="removed"),
            pre_tokenizers.Split(Regex(r"[\u3400-\u9fff]+|[a-z]+|[0-9]+"), behavior="isolated"),
        ]
    )
    return tokenizer
