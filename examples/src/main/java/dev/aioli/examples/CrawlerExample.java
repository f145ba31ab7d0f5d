package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.http.client.HttpClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Barrier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A crawler follows the links of two sites, the most urgent first. It asks each host for one page
 * at a time, and both hosts at the same time. The sites are servers that this program starts
 * itself.
 *
 * <pre>{@code
 * $ ./aioli example crawler
 * shop: index offers offer-1 offer-2 help archive
 * blog: index latest about old older
 * most at a time: 1 a host, 2 in all
 * }</pre>
 */
public final class CrawlerExample {
  /** The links of each page: how urgent, and where to. The smallest number is the most urgent. */
  private static final Map<String, List<String>> SHOP =
      Map.of(
          "index", List.of("9 archive", "5 help", "1 offers"),
          "offers", List.of("2 offer-1", "2 offer-2", "5 help"),
          "help", List.of("0 index"));

  private static final Map<String, List<String>> BLOG =
      Map.of(
          "index", List.of("7 old", "3 about", "1 latest"),
          "latest", List.of("7 old"),
          "old", List.of("8 older", "0 index"));

  // Plain fields: between two suspensions a task is alone.
  private final Barrier bothAsked = new Barrier(2);
  private int inFlight;
  private int mostInFlight;
  private int mostPerHost;

  private CrawlerExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(CrawlerExample::program);
  }

  static void program() throws IOException {
    var example = new CrawlerExample();
    try (var shop = example.start(SHOP);
        var blog = example.start(BLOG);
        var http = HttpClient.create()) {
      var hosts = List.of(new Host("shop", shop.url()), new Host("blog", blog.url()));
      taskGroup(group -> {
        for (Host host : hosts) {
          group.createTask(() -> host.crawl(http));
        }
        for (Host host : hosts) {
          host.pages.join(); // until every page that was found has been read
        }
        group.cancel(); // the crawlers wait for nothing
      });
      for (Host host : hosts) {
        IO.println(host.name + ": " + String.join(" ", host.crawled));
      }
      IO.println(
          "most at a time: %d a host, %d in all"
              .formatted(example.mostPerHost, example.mostInFlight));
    }
  }

  /** A page that was found. */
  private record Page(int urgency, String name) {}

  /** What the crawler knows of a host. */
  private static final class Host {
    final String name;
    final String url;
    final PriorityQueue<Page> pages =
        new PriorityQueue<>(Queue.UNBOUNDED, Comparator.comparingInt(Page::urgency));
    final Set<String> seen = new HashSet<>(Set.of("index"));
    final List<String> crawled = new ArrayList<>();

    Host(String name, String url) {
      this.name = name;
      this.url = url;
      pages.putNowait(new Page(0, "index"));
    }

    void crawl(HttpClient http) {
      while (true) {
        var page = pages.get(); // the most urgent of those that have been found
        crawled.add(page.name());
        var links = http.get(url + "/" + page.name()).text();
        links.lines().forEach(this::found);
        pages.taskDone();
      }
    }

    private void found(String link) {
      int blank = link.indexOf(' ');
      var page = new Page(Integer.parseInt(link.substring(0, blank)), link.substring(blank + 1));
      if (seen.add(page.name())) {
        pages.putNowait(page);
      }
    }
  }

  private HttpServer start(Map<String, List<String>> links) throws IOException {
    var site = new Site(links);
    return HttpServer.builder().get("/{page}", site::answer).start("127.0.0.1", 0);
  }

  /** One of the servers. It answers with the links of a page, a line each. */
  private final class Site {
    private final Map<String, List<String>> links;
    private int inFlightHere;

    Site(Map<String, List<String>> links) {
      this.links = links;
    }

    ServerResponse answer(ServerRequest request) {
      inFlight++;
      inFlightHere++;
      mostInFlight = Math.max(mostInFlight, inFlight);
      mostPerHost = Math.max(mostPerHost, inFlightHere);
      var page = request.pathParameter("page");
      if (page.equals("index")) {
        bothAsked.await(); // neither site answers before the other is asked
      }
      inFlight--;
      inFlightHere--;
      return ServerResponse.text(200, String.join("\n", links.getOrDefault(page, List.of())));
    }
  }
}
