"""A question as the legs see it: weighted terms, references, and what else its concepts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.definitions import expand_defined
from index.lexicon import bundled_lexicon, stem
from index.query import QueryFacts, parse_query
from index.references import exact_tokens
from index.thesaurus import Expansion, Thesaurus, latin_words
from index.tokens import Tokeniser, bigrams, runs, without_question_words

# A question in English has no Chinese words of its own: names found for it take their place.
TRANSLATED = 0.8


@dataclass(frozen=True, slots=True)
class Analysis:
    """Terms with weights: the question's own words, bigrams and references, and those of expansions.

    ``concepts`` holds, for each thing the question names, the alternative word lists with their trust;
    a paragraph names the concept when it holds all words of one alternative.
    """

    facts: QueryFacts
    words: Mapping[str, float]
    bigrams: Mapping[str, float]
    phrases: tuple[str, ...]
    exact: tuple[str, ...]
    other_words: Mapping[str, float]
    other_bigrams: Mapping[str, float]
    expansions: tuple[Expansion, ...]
    concepts: tuple[tuple[tuple[tuple[str, ...], float], ...], ...]


def analyse(
    text: str,
    tokeniser: Tokeniser,
    thesaurus: Thesaurus,
    defined: Mapping[str, str],
    *,
    translate: bool = True,
) -> Analysis:
    """Read the question; with ``translate`` the words of an English one are replaced by Chinese ones."""
    facts = parse_query(text)
    content = without_question_words(facts.folded)
    own_words = dict.fromkeys(tokeniser.words(content), 1.0)
    own_bigrams = dict.fromkeys(bigrams(content), 1.0)
    expansions = tuple(thesaurus.expand(facts.folded) + expand_defined(facts.folded, defined))
    other_words: dict[str, float] = {}
    other_bigrams: dict[str, float] = {}
    concepts: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for expansion in expansions:
        words = tokeniser.distinct(expansion.term)
        for found, terms in ((other_words, words), (other_bigrams, bigrams(expansion.term))):
            for term in terms:
                found[term] = max(found.get(term, 0.0), expansion.weight)
        if expansion.relation in ("same", "defined") and words:
            concepts.setdefault(expansion.matched, []).append((words, expansion.weight))
    for matched, alternatives in concepts.items():
        alternatives.append((tokeniser.distinct(matched), 1.0))
    if facts.language == "en" and translate:
        own_words = _translated(own_words, expansions, tokeniser)
        other_bigrams = {}
    return Analysis(
        facts=facts,
        words=own_words,
        bigrams=own_bigrams,
        phrases=tuple(dict.fromkeys(runs(content, 4))),
        exact=tuple(dict.fromkeys(exact_tokens(facts.folded))),
        other_words={t: w for t, w in other_words.items() if t not in own_words},
        other_bigrams={t: w for t, w in other_bigrams.items() if t not in own_bigrams},
        expansions=expansions,
        concepts=tuple(tuple(alternatives) for alternatives in concepts.values()),
    )


def _translated(
    words: Mapping[str, float], expansions: tuple[Expansion, ...], tokeniser: Tokeniser
) -> dict[str, float]:
    """The question's words with the English ones that were understood replaced by Chinese ones.

    Names come from the thesaurus; words that are part of none from the learned lexicon, at their
    probability. Bigrams are left out: those of several translations of one word drown the rest
    (on English questions about 8,930 passages hit@1 fell from .61 to .53 with them).
    """
    named = {word for e in expansions for word in latin_words(e.matched)}
    kept: dict[str, float] = {}
    for word, weight in words.items():
        english = latin_words(word)
        if not english or english[0] in named:
            continue
        known = bundled_lexicon().get(stem(english[0]), ())
        for term, probability in known or ((word, weight),):
            kept[term] = max(kept.get(term, 0.0), probability)
    for expansion in expansions:
        if expansion.weight >= TRANSLATED and expansion.relation == "same" and not expansion.term.isascii():
            kept.update(dict.fromkeys(tokeniser.distinct(expansion.term), expansion.weight))
    return kept
