"""Twenty functions that are slower than they need be, each in a way that is common. Material for `bench/slow.py`."""

import re


def unique(items: list[int]) -> list[int]:
    """Each item once, in the order of its first appearance."""
    kept: list[int] = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept


def common(left: list[int], right: list[int]) -> list[int]:
    """The items of `left` that are in `right` too, in the order of `left`."""
    return [item for item in left if item in right]


def joined(words: list[str]) -> str:
    """The words, each followed by a comma."""
    text = ""
    for word in words:
        text = text + word + ","
    return text


def fibonacci(n: int) -> int:
    """The n-th Fibonacci number, fibonacci(0) being 0."""
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def numbered(lines: list[str]) -> list[str]:
    """The lines that hold a number."""
    found = []
    for line in lines:
        pattern = re.compile("[0-9]+")
        if pattern.search(line):
            found.append(line)
    return found


def frequencies(words: list[str]) -> dict[str, int]:
    """How often each word appears."""
    return {word: words.count(word) for word in words}


def running_totals(numbers: list[int]) -> list[int]:
    """The sum of the first number, of the first two, and so on."""
    return [sum(numbers[: i + 1]) for i in range(len(numbers))]


def has_duplicates(items: list[int]) -> bool:
    """Whether any item appears twice."""
    for i in range(len(items)):
        for j in range(len(items)):
            if i != j and items[i] == items[j]:
                return True
    return False


def pairs_with_sum(numbers: list[int], total: int) -> int:
    """How many pairs of positions i < j have numbers[i] + numbers[j] == total."""
    count = 0
    for i in range(len(numbers)):
        for j in range(i + 1, len(numbers)):
            if numbers[i] + numbers[j] == total:
                count += 1
    return count


def reversed_list(items: list[int]) -> list[int]:
    """The items from the last to the first."""
    result: list[int] = []
    for item in items:
        result.insert(0, item)
    return result


def drained(queue: list[int]) -> int:
    """The sum of what is in the queue, taken from its front one by one."""
    waiting = list(queue)
    total = 0
    while waiting:
        total += waiting.pop(0)
    return total


def names_of(orders: list[tuple[int, int]], people: list[tuple[int, str]]) -> list[str]:
    """For each order (number, person id) the name of the person, or '?'."""
    names = []
    for _, wanted in orders:
        name = "?"
        for identifier, text in people:
            if identifier == wanted:
                name = text
                break
        names.append(name)
    return names


def is_prime(n: int) -> bool:
    """Whether n is a prime number."""
    if n < 2:
        return False
    return all(n % divisor != 0 for divisor in range(2, n))


def primes_up_to(n: int) -> list[int]:
    """All primes up to and including n."""
    found = []
    for candidate in range(2, n + 1):
        prime = True
        for divisor in range(2, candidate):
            if candidate % divisor == 0:
                prime = False
        if prime:
            found.append(candidate)
    return found


def largest(items: list[int], k: int) -> list[int]:
    """The k largest items, the largest first."""
    left = list(items)
    found = []
    for _ in range(min(k, len(left))):
        top = max(left)
        found.append(top)
        left.remove(top)
    return found


def bubble_sorted(items: list[int]) -> list[int]:
    """The items in ascending order."""
    result = list(items)
    for _ in range(len(result)):
        for j in range(len(result) - 1):
            if result[j] > result[j + 1]:
                result[j], result[j + 1] = result[j + 1], result[j]
    return result


def grouped(rows: list[tuple[str, int]]) -> dict[str, list[int]]:
    """The numbers of each name, in order."""
    return {name: [number for other, number in rows if other == name] for name, _ in rows}


def is_anagram(one: str, other: str) -> bool:
    """Whether the two texts have the same letters."""
    if len(one) != len(other):
        return False
    rest = list(other)
    for letter in one:
        if letter not in rest:
            return False
        rest.remove(letter)
    return True


def missing(numbers: list[int]) -> list[int]:
    """The numbers from 0 to the largest that are not in the list."""
    if not numbers:
        return []
    return [n for n in range(max(numbers) + 1) if n not in numbers]


def climbing(steps: int) -> int:
    """In how many ways a stair of so many steps can be climbed, one or two steps at a time."""
    if steps <= 1:
        return 1
    return climbing(steps - 1) + climbing(steps - 2)
