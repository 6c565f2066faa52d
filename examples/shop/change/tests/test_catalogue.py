import json

from shop.catalogue import Product, all_tags, cheapest, page, to_json, with_tag, write_csv

PRODUCTS = [Product(f"p{n}", 100 - n, ("Even",) if n % 2 == 0 else ()) for n in range(25)]


def test_the_first_page_begins_with_the_first_product():
    assert page(PRODUCTS, 1, 10) == PRODUCTS[:10]


def test_the_last_page_holds_the_rest():
    assert page(PRODUCTS, 3, 10) == PRODUCTS[20:]


def test_the_cheapest_come_first():
    assert [p.name for p in cheapest(PRODUCTS, 2)] == ["p24", "p23"]


def test_tags_are_found_in_any_case():
    assert len(with_tag(PRODUCTS, "even")) == 13


def test_json_holds_every_product():
    assert len(json.loads(to_json(PRODUCTS))) == 25


def test_csv_has_a_header(tmp_path):
    write_csv(PRODUCTS[:1], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == ["name,price", "p0,100"]


def test_each_tag_is_listed_once_in_the_order_of_the_products():
    products = [Product("a", 1, ("red", "new")), Product("b", 2, ("old", "new", "red"))]
    assert all_tags(products) == ["red", "new", "old"]
