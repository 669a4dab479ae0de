import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rates credit applications of many customers and notes which version rated each. Needs a JDK 25 and nothing else. */
public class CanaryLoad {
  static final String HELP =
      """
      Posts applications to POST /v1/rate, each with a member "customer", and writes one CSV line an answer:
      milliseconds of the wall clock when it was sent and when it was answered, customer, status, version, variant, region.

        --url URL            where requests go; repeatable: in turn
        --key-file FILE      the tenant's key
        --applications FILE  one JSON object a line; a customer always sends the same one
        --customers N        customer 0 to N-1, in turn
        --requests N         how many
        --rate R             so many a second (as fast as answers come)
        --connections N      at the same time (16)
        --out FILE           the CSV

      Ends early when the file named by --until appears. Exit code: 0, or 2 for bad usage.""";

  static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]*)\"");
  static final Pattern VARIANT = Pattern.compile("\"variant\":\"([^\"]*)\"");
  static final Pattern REGION = Pattern.compile("\"region\":\"([^\"]*)\"");
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  static String only(Map<String, List<String>> options, String name, String fallback) {
    List<String> values = options.getOrDefault(name, List.of());
    if (values.isEmpty() && fallback == null) {
      System.err.println("CanaryLoad: " + name + " is missing (--help)");
      System.exit(2);
    }
    return values.isEmpty() ? fallback : values.getFirst();
  }

  static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  public static void main(String[] args) throws Exception {
    if (args.length == 1 && args[0].equals("--help")) {
      System.out.println(HELP);
      return;
    }
    Map<String, List<String>> options = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.computeIfAbsent(args[i], name -> new java.util.ArrayList<>()).add(args[i + 1]);
    }
    List<String> urls = options.getOrDefault("--url", List.of());
    String key = Files.readString(Path.of(only(options, "--key-file", null))).strip();
    List<String> applications = Files.readAllLines(Path.of(only(options, "--applications", null)));
    long customers = Long.parseLong(only(options, "--customers", null));
    long requests = Long.parseLong(only(options, "--requests", null));
    double rate = Double.parseDouble(only(options, "--rate", "0"));
    int connections = Integer.parseInt(only(options, "--connections", "16"));
    Path until = Path.of(only(options, "--until", "/nonexistent"));
    AtomicLong next = new AtomicLong();
    long begin = System.nanoTime();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        PrintStream out = new PrintStream(Files.newOutputStream(Path.of(only(options, "--out", null))), false, StandardCharsets.UTF_8)) {
      Thread[] threads = new Thread[connections];
      for (int t = 0; t < connections; t++) {
        threads[t] = Thread.ofVirtual().start(() -> {
          for (long i = next.getAndIncrement(); i < requests && !(i % 100 == 0 && Files.exists(until)); i = next.getAndIncrement()) {
            if (rate > 0) {
              LockSupport.parkNanos(begin + (long) (i * 1e9 / rate) - System.nanoTime());
            }
            long customer = i % customers;
            String body = "{\"customer\":" + customer + "," + applications.get((int) (customer * 7919 % applications.size())).substring(1);
            HttpRequest request = HttpRequest.newBuilder(URI.create(urls.get((int) (i % urls.size())) + "/v1/rate")).timeout(TIMEOUT)
                .header("Authorization", "Bearer " + key).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
            long sent = System.currentTimeMillis();
            String line;
            try {
              HttpResponse<String> reply = client.send(request, HttpResponse.BodyHandlers.ofString());
              line = customer + "," + reply.statusCode() + "," + find(VERSION, reply.body()) + "," + find(VARIANT, reply.body()) + "," + find(REGION, reply.body());
            } catch (IOException | InterruptedException e) {
              line = customer + ",0,,,";
            }
            out.println(sent + "," + System.currentTimeMillis() + "," + line);
          }
        });
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
