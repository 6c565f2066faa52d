"""Listing, searching and exporting the products of a shop."""

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Product:
    """Something that can be bought; the price is in cents."""

    name: str
    price: int
    tags: tuple[str, ...] = ()


def page(products, number, size=10):
    """Return the products on page `number`, counting pages from 1."""
    first = (number - 1) * size
    return products[first : first + size]


def cheapest(products, limit):
    """Return the `limit` cheapest products, the cheapest first."""
    return sorted(products, key=lambda product: product.price)[:limit]


def with_tag(products, tag):
    """Return the products that carry a tag, ignoring case."""
    wanted = tag.lower()
    return [p for p in products if wanted in (t.lower() for t in p.tags)]


def to_json(products):
    """Return the products as JSON text."""
    return json.dumps([asdict(product) for product in products])


def write_csv(products, path):
    """Write name and price of each product to a CSV file."""
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "price"])
        writer.writerows((p.name, p.price) for p in products)
