"""A spider that fetches a list of URLs: `scrapy runspider -a urls=LIST scrapy_fetch.py`."""

import scrapy


class Fetch(scrapy.Spider):
    name = "fetch"

    def start_requests(self):
        with open(self.urls) as lines:
            for url in lines.read().split():
                yield scrapy.Request(url)

    def parse(self, response):
        pass
