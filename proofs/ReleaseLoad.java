import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Publishes releases one after another while every region is asked for ratings, and holds each
 * answer to the releases that were in force when it was made: run by proofs/C-1-publish-latency.
 *
 * <p>Release n is the model of the tenant `credit` in version `r<n>`, which rates everything n: an
 * answer whose rating and version differ has seen two releases.
 *
 * <p>java ReleaseLoad.java KEY_FILE ADMIN_KEY_FILE ADMIN_URL RELEASES ROLLBACKS RATE PLANT URL…
 */
final class ReleaseLoad {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int UNDER_WAY_MAX = 200;
  private static final Pattern RATING = Pattern.compile("\"rating\":(\\d+)");
  private static final Pattern VERSION = Pattern.compile("\"version\":\"r(\\d+)\"");
  private static final Pattern ENTRY = Pattern.compile("\"credit-g\":\\{[^{}]*\\}");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final String key;
  private final String adminKey;
  private final String admin;
  private final List<String> urls;
  private final boolean plant;
  private final Semaphore underWay = new Semaphore(UNDER_WAY_MAX);
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong mixed = new AtomicLong();
  private final AtomicLong untimely = new AtomicLong();
  private final List<String> examples = Collections.synchronizedList(new ArrayList<>());

  /** When a proposal of that number left, and when it was known to be everywhere. */
  private final Map<Integer, Long> proposed = new ConcurrentHashMap<>();

  private final Map<Integer, Long> everywhere = new ConcurrentHashMap<>();

  /** When each region first answered with that number. */
  private final Map<String, Long> seen = new ConcurrentHashMap<>();

  /** What each release rates: a rollback's number is another's. */
  private final List<Integer> rates = new ArrayList<>();

  private ReleaseLoad(String[] args) throws IOException {
    key = Files.readString(Path.of(args[0])).strip();
    adminKey = Files.readString(Path.of(args[1])).strip();
    admin = args[2];
    plant = args[6].equals("plant");
    urls = Arrays.asList(args).subList(7, args.length);
  }

  public static void main(String[] args) throws Exception {
    new ReleaseLoad(args)
        .run(Integer.parseInt(args[3]), Integer.parseInt(args[4]), Integer.parseInt(args[5]));
  }

  private HttpRequest.Builder to(String url, String bearer) {
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + bearer);
  }

  private String call(HttpRequest request) throws IOException, InterruptedException {
    var response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(request.uri() + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static String text(String json, String name) {
    Matcher matcher =
        Pattern.compile("\"" + name + "\":(?:\"([^\"]*)\"|([0-9a-z]+))").matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException(name + " is missing: " + json);
    }
    return matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
  }

  private String put(byte[] bytes) throws Exception {
    String digest = sha256(bytes);
    call(
        to(admin + "/admin/v1/blobs/" + digest, adminKey)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build());
    return digest;
  }

  private static byte[] card(int n) {
    return ("{\"kind\":\"scorecard\",\"initialScore\":"
            + n
            + ",\"characteristics\":[{\"name\":\"a\",\"field\":\"a\",\"attributes\":"
            + "[{\"when\":{\"otherwise\":true},\"points\":0}]}],\"samples\":[{\"a\":1}]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The content in force with the model that rates n. */
  private String content(int n) throws Exception {
    String list = call(to(admin + "/admin/v1/releases", adminKey).build());
    String serving = list.substring(list.indexOf("\"serving\""));
    String document =
        call(to(admin + "/admin/v1/blobs/" + text(serving, "content"), adminKey).build());
    String entry =
        "\"credit-g\":{\"kind\":\"scorecard\",\"sha256\":\""
            + put(card(n))
            + "\",\"version\":\"r"
            + n
            + "\"}";
    String next = ENTRY.matcher(document).replaceFirst(entry);
    return put(next.getBytes(StandardCharsets.UTF_8));
  }

  /** Publishes what rates n; nanoseconds until every region answered with it. */
  private long publish(int n, String content, String action) throws Exception {
    String list = call(to(admin + "/admin/v1/releases", adminKey).build());
    String head = list.substring(list.indexOf("\"head\""));
    int number = rates.size();
    rates.add(n);
    String wish =
        "{\"version\":%d,\"parent\":\"%s\",\"author\":\"proof\",\"message\":\"rates %d\",\"action\":\"%s\",\"content\":\"%s\",\"now\":true}"
            .formatted(
                Long.parseLong(text(head, "version")) + 1, text(head, "id"), n, action, content);
    long startNanos = System.nanoTime();
    proposed.put(number, startNanos);
    if (plant && number == 2) {
      everywhere.put(number, startNanos - 1_000_000_000L); // as if it had been everywhere before
    }
    String answer =
        call(
            to(admin + "/admin/v1/releases", adminKey)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(wish))
                .build());
    if (!text(answer, "everywhere").equals("true")) {
      throw new IllegalStateException("not everywhere: " + answer);
    }
    everywhere.put(number, System.nanoTime());
    long last = startNanos;
    for (String url : urls) {
      Long first = null;
      while (first == null) {
        first = seen.get(number + url);
        if (System.nanoTime() - startNanos > TIMEOUT.toNanos()) {
          throw new IllegalStateException(url + " never answered with release " + number);
        }
        LockSupport.parkNanos(200_000);
      }
      last = Math.max(last, first);
    }
    return last - startNanos;
  }

  private void ask(String url) {
    long startNanos = System.nanoTime();
    var request =
        to(url + "/v1/rate", key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"a\":1}"))
            .build();
    client
        .sendAsync(request, BodyHandlers.ofString())
        .whenComplete(
            (response, failure) -> {
              underWay.release();
              long endNanos = System.nanoTime();
              answers.incrementAndGet();
              if (failure != null || response.statusCode() != 200) {
                failed.incrementAndGet();
                example("failed: " + (failure == null ? response.body() : failure));
              } else {
                hold(url, response.body(), startNanos, endNanos);
              }
            });
  }

  private void hold(String url, String body, long startNanos, long endNanos) {
    Matcher rating = RATING.matcher(body);
    Matcher version = VERSION.matcher(body);
    if (!rating.find() || !version.find()) {
      failed.incrementAndGet();
      example("not an answer of ours: " + body);
      return;
    }
    int shown = Integer.parseInt(version.group(1));
    if (Integer.parseInt(rating.group(1)) != shown) {
      mixed.incrementAndGet();
      example("mixed: " + body);
    }
    boolean timely = false;
    for (int number = proposed.size() - 1; number >= 0 && !timely; number--) {
      Long from = proposed.get(number);
      Long until = everywhere.get(number + 1);
      boolean mayBe = from != null && from <= endNanos && (until == null || startNanos <= until);
      if (mayBe && rates.get(number) == shown) {
        timely = true;
        if (startNanos >= from) {
          seen.merge(number + url, endNanos, Math::min);
        }
      }
    }
    if (!timely) {
      untimely.incrementAndGet();
      example("not in force then: " + body);
    }
  }

  private void example(String line) {
    if (examples.size() < 5) {
      examples.add(line);
    }
  }

  private Thread load(int rate) {
    return Thread.ofPlatform()
        .start(
            () -> {
              long beginNanos = System.nanoTime();
              for (long i = 0; !over.get(); i++) {
                long dueNanos = beginNanos + i * 1_000_000_000L / rate;
                while (System.nanoTime() < dueNanos) {
                  LockSupport.parkNanos(dueNanos - System.nanoTime());
                }
                underWay.acquireUninterruptibly();
                ask(urls.get((int) (i % urls.size())));
              }
            });
  }

  private void run(int releases, int rollbacks, int rate) throws Exception {
    String base = content(1000);
    Thread.sleep(10);
    // The first has nobody who looks: the sample model does not take the input.
    List<String> contents = new ArrayList<>(List.of(base));
    firstOne(base);
    Thread load = load(rate);
    Thread.sleep(2_000);
    long beginNanos = System.nanoTime();
    long before = answers.get();
    List<Long> published = new ArrayList<>();
    for (int i = 1; i <= releases; i++) {
      contents.add(content(1000 + i));
      published.add(publish(1000 + i, contents.get(i), "apply"));
    }
    List<Long> back = new ArrayList<>();
    for (int i = 0; i < rollbacks; i++) {
      int n = releases - 1 + i % 2;
      back.add(publish(1000 + n, contents.get(n), "rollback"));
    }
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    long during = answers.get() - before;
    over.set(true);
    load.join();
    underWay.acquire(UNDER_WAY_MAX);
    examples.forEach(System.err::println);
    System.out.printf(
        "{\"releases\":%d,\"publish_p50_ms\":%.0f,\"publish_p99_ms\":%.0f,\"rollback_p50_ms\":%.0f,"
            + "\"rollback_max_ms\":%.0f,\"answers\":%d,\"rate\":%.0f,\"failed\":%d,\"mixed\":%d,"
            + "\"untimely\":%d}%n",
        releases,
        quantile(published, 0.5),
        quantile(published, 0.99),
        quantile(back, 0.5),
        quantile(back, 1),
        during,
        during / seconds,
        failed.get(),
        mixed.get(),
        untimely.get());
  }

  private void firstOne(String content) throws Exception {
    int number = rates.size();
    Thread watcher =
        Thread.ofPlatform()
            .start(
                () -> {
                  // Asks until every region answers: what comes before is no failure of a release.
                  for (String url : urls) {
                    while (!seen.containsKey(number + url)) {
                      try {
                        var response =
                            client.send(
                                to(url + "/v1/rate", key)
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString("{\"a\":1}"))
                                    .build(),
                                BodyHandlers.ofString());
                        if (response.statusCode() == 200) {
                          seen.put(number + url, System.nanoTime());
                        }
                      } catch (IOException e) {
                        throw new IllegalStateException(e);
                      } catch (InterruptedException e) {
                        return;
                      }
                    }
                  }
                });
    publish(1000, content, "apply");
    watcher.join();
  }

  private static double quantile(List<Long> nanos, double part) {
    if (nanos.isEmpty()) {
      return 0;
    }
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1)) / 1e6;
  }
}
