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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rates every credit application of a CSV file, and compares the answers with the ones expected.
 *
 * <p>Needs a JDK and nothing else: {@code java examples/credit-g/RateAll.java --help}.
 */
public class RateAll {
  static final String HELP =
      """
      Posts every application of credit-g.csv to POST /v1/rate and writes row, rating, decision and reasons as CSV.

        java examples/credit-g/RateAll.java --url http://127.0.0.1:8080 --key-file KEY \\
          --expected examples/credit-g/credit-g.expected.csv

        --url URL         the router or a region (http://127.0.0.1:8080)
        --key-file FILE   the key of a tenant that rates with credit-g; otherwise the environment's OPENCLAW_KEY
        --csv FILE        the applications (credit-g.csv beside this program, or in examples/credit-g)
        --out FILE        where the answers go (standard output)
        --expected FILE   compare the answers with this file, byte for byte

      Exit code: 0, or 1 if an application was not rated or the answers are not as expected, or 2 for bad usage.""";

  static final int AT_ONCE = 8;
  static final int DIFFERENCES_SHOWN = 5;
  static final int DETAIL_CHARS_MAX = 300;
  static final Duration TIMEOUT = Duration.ofSeconds(30);
  static final String HEADER = "row,rating,decision_at_650,reasons";

  // Enough for our own answers; a program that lives longer would use a JSON library.
  static final Pattern RATING = Pattern.compile("\"rating\":(-?[0-9][0-9.eE+-]*)");
  static final Pattern DECISION = Pattern.compile("\"decision\":\"([a-z]+)\"");
  static final Pattern CODE = Pattern.compile("\"code\":\"([^\"]*)\"");
  static final Pattern REGION = Pattern.compile("\"region\":\"([^\"]*)\"");

  /** What is wrong with how the program was called. */
  static class UsageException extends Exception {
    UsageException(String message) {
      super(message);
    }
  }

  record Options(URI url, String key, Path csv, Path out, Path expected) {}

  record Answer(String line, String region) {}

  public static void main(String[] arguments) {
    if (List.of(arguments).contains("--help")) {
      System.out.println(HELP);
      return;
    }
    int status;
    try {
      status = run(options(arguments)) ? 0 : 1;
    } catch (UsageException e) {
      System.err.println("RateAll: " + e.getMessage() + System.lineSeparator() + "Try --help.");
      status = 2;
    } catch (IOException e) {
      System.err.println("RateAll: " + said(e));
      status = 1;
    } catch (InterruptedException e) {
      status = 1;
    }
    System.exit(status);
  }

  static Options options(String[] arguments) throws UsageException, IOException {
    Map<String, String> given = new HashMap<>();
    List<String> known = List.of("--url", "--key-file", "--csv", "--out", "--expected");
    for (int i = 0; i < arguments.length; i += 2) {
      if (!known.contains(arguments[i])) {
        throw new UsageException(arguments[i] + " (expected: one of " + known + ")");
      }
      if (i + 1 == arguments.length) {
        throw new UsageException(arguments[i] + ": no value");
      }
      given.put(arguments[i], arguments[i + 1]);
    }
    String key =
        given.containsKey("--key-file")
            ? Files.readString(Path.of(given.get("--key-file"))).strip()
            : System.getenv().getOrDefault("OPENCLAW_KEY", "").strip();
    if (key.isEmpty()) {
      throw new UsageException("no key (expected: --key-file FILE, or OPENCLAW_KEY)");
    }
    String base = given.getOrDefault("--url", "http://127.0.0.1:8080").replaceAll("/+$", "");
    if (!base.matches("https?://[^/?#\\s]+")) {
      throw new UsageException("--url: " + base + " (expected: http://host:port)");
    }
    return new Options(
        URI.create(base + "/v1/rate"),
        key,
        given.containsKey("--csv") ? Path.of(given.get("--csv")) : csvNearby(),
        given.containsKey("--out") ? Path.of(given.get("--out")) : null,
        given.containsKey("--expected") ? Path.of(given.get("--expected")) : null);
  }

  static Path csvNearby() throws UsageException {
    for (String place : List.of("examples/credit-g/credit-g.csv", "credit-g.csv")) {
      if (Files.exists(Path.of(place))) {
        return Path.of(place);
      }
    }
    throw new UsageException("no credit-g.csv here (expected: --csv FILE)");
  }

  /** Whether all was as expected. */
  static boolean run(Options options) throws IOException, InterruptedException {
    List<String> applications = applications(Files.readAllLines(options.csv()));
    boolean toTerminal = System.console() != null && System.console().isTerminal();
    boolean showsProgress = toTerminal && options.out() != null;
    long began = System.nanoTime();
    StringBuilder csv = new StringBuilder(HEADER + "\n");
    Map<String, Integer> byRegion = new TreeMap<>();
    try (PrintStream out =
            options.out() == null
                ? System.out
                : new PrintStream(Files.newOutputStream(options.out()), true);
        HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
        ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < applications.size(); i++) {
        int row = i + 1;
        String body = applications.get(i);
        answers.add(workers.submit(() -> rate(client, options, row, body)));
      }
      out.print(HEADER + "\n");
      for (int i = 0; i < answers.size(); i++) {
        Answer answer = await(answers.get(i), workers);
        csv.append(answer.line()).append('\n');
        out.print(answer.line() + "\n");
        byRegion.merge(answer.region(), 1, Integer::sum);
        if (showsProgress) {
          System.err.printf("\rRateAll: %d of %d rated ", i + 1, applications.size());
        }
      }
    }
    System.err.printf(
        "%sRateAll: %d applications rated in %.1f s, by region: %s%n",
        showsProgress ? "\r" : "", applications.size(), (System.nanoTime() - began) / 1e9, byRegion);
    return options.expected() == null || isAsExpected(csv.toString(), options.expected());
  }

  static Answer await(Future<Answer> answer, ExecutorService workers)
      throws IOException, InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      workers.shutdownNow();
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  static Answer rate(HttpClient client, Options options, int row, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(options.url())
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + options.key())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException("row " + row + ": no answer from " + options.url() + ": " + said(e), e);
    }
    String answer = response.body();
    if (response.statusCode() != 200) {
      throw new IOException("row " + row + ": status " + response.statusCode() + ": " + shown(answer));
    }
    List<String> codes = CODE.matcher(answer).results().map(code -> code.group(1)).toList();
    String line =
        String.join(
            ",",
            Integer.toString(row),
            first(RATING, answer, row),
            first(DECISION, answer, row),
            String.join(" ", codes));
    return new Answer(line, first(REGION, answer, row));
  }

  static String first(Pattern pattern, String answer, int row) throws IOException {
    Matcher matcher = pattern.matcher(answer);
    if (!matcher.find()) {
      throw new IOException("row " + row + ": no " + pattern + " in the answer: " + shown(answer));
    }
    return matcher.group(1);
  }

  static String shown(String answer) {
    return answer.substring(0, Math.min(answer.length(), DETAIL_CHARS_MAX));
  }

  /** Some exceptions have no message, and others nothing but a file's name. */
  static String said(IOException e) {
    return e.getClass() == IOException.class ? e.getMessage() : e.toString();
  }

  /** Each line as the JSON that a client posts, without the class: that is what is asked for. */
  static List<String> applications(List<String> lines) throws IOException {
    List<String> names = lines.isEmpty() ? List.of() : fields(lines.getFirst());
    if (!names.contains("class")) {
      throw new IOException("the first line of the CSV names no column \"class\"");
    }
    List<String> applications = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> values = fields(lines.get(i));
      if (values.size() != names.size()) {
        throw new IOException(
            "line " + (i + 1) + ": " + values.size() + " values (expected: " + names.size() + ")");
      }
      List<String> members = new ArrayList<>();
      for (int j = 0; j < names.size(); j++) {
        if (!names.get(j).equals("class")) {
          members.add(string(names.get(j)) + ":" + json(values.get(j)));
        }
      }
      applications.add("{" + String.join(",", members) + "}");
    }
    return applications;
  }

  /** The fields of a line as they stand there; those in single quotes may hold commas. */
  static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (at <= line.length()) {
      boolean quoted = line.startsWith("'", at);
      int close = quoted ? line.indexOf('\'', at + 1) : at;
      int comma = line.indexOf(',', Math.max(at, close));
      int end = comma < 0 ? line.length() : comma;
      fields.add(line.substring(at, end));
      at = end + 1;
    }
    return fields;
  }

  static String json(String field) {
    if (field.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
      return field;
    }
    boolean quoted = field.length() >= 2 && field.startsWith("'") && field.endsWith("'");
    return string(quoted ? field.substring(1, field.length() - 1) : field);
  }

  static String string(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  static boolean isAsExpected(String csv, Path file) throws IOException {
    byte[] expected = Files.readAllBytes(file);
    if (Arrays.equals(csv.getBytes(StandardCharsets.UTF_8), expected)) {
      System.err.println("RateAll: as in " + file + ", byte for byte");
      return true;
    }
    String[] answered = csv.split("\n", -1);
    String[] wanted = new String(expected, StandardCharsets.UTF_8).split("\n", -1);
    int different = 0;
    for (int i = 0; i < Math.max(answered.length, wanted.length); i++) {
      String here = i < answered.length ? answered[i] : "(no line)";
      String there = i < wanted.length ? wanted[i] : "(no line)";
      if (!here.equals(there) && ++different <= DIFFERENCES_SHOWN) {
        System.err.println("RateAll: line " + (i + 1) + ": " + here + " (expected: " + there + ")");
      }
    }
    System.err.println("RateAll: not as in " + file + ": " + different + " lines differ");
    return false;
  }
}
