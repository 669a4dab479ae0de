package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.yaml.ConfigException;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw job}: hands in jobs, and looks after them, through the service port. */
@Command(
    name = "job",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Hands in many inputs to be rated in the background, and fetches their results, through a router or a node.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {"", "The key comes from OPENCLAW_KEY, or from --key-file."})
final class JobCommand {
  private static final String JOBS = "/v1/jobs";
  private static final String ID = "[A-Za-z0-9][A-Za-z0-9.-]{0,62}\\.[0-9a-f]{32}";
  private static final long POLL_MILLIS = 500;
  private static final int COPY_BYTES = 64 << 10;

  @Command(
      name = "submit",
      mixinStandardHelpOptions = true,
      description = "Hands in a file of inputs and prints the job's id.")
  int submit(
      @Mixin ServiceNode node,
      @Parameters(
              paramLabel = "FILE",
              description =
                  "Inputs: one per line, or as a JSON array where the name ends in .json; - reads lines from standard input.")
          Path file,
      @Option(
              names = "--webhook",
              paramLabel = "URL",
              description = "Where to tell of the job's end.")
          @Nullable String webhook,
      @Option(names = "--wait", description = "Wait for the job's end.") boolean wait)
      throws IOException, ConfigException, InterruptedException {
    boolean standard = file.toString().equals("-");
    if (!standard && !Files.isReadable(file)) {
      throw new IOException(file + " cannot be read");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(
        "Content-Type",
        file.toString().endsWith(".json") ? "application/json" : "application/x-ndjson");
    if (webhook != null) {
      headers.put("webhook-url", webhook);
    }
    Json.Obj job =
        node.call(
            "POST",
            JOBS,
            standard
                ? HttpRequest.BodyPublishers.ofInputStream(() -> System.in)
                : HttpRequest.BodyPublishers.ofFile(file),
            headers);
    if (!wait) {
      AdminNode.print(node.output, job, () -> System.out.println(AdminNode.text(job, "id")));
      return 0;
    }
    return ended(node, await(node, AdminNode.text(job, "id")));
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Says how far a job has come.")
  int status(
      @Mixin ServiceNode node,
      @Parameters(paramLabel = "ID", description = "The job's id.") String id,
      @Option(names = "--wait", description = "Wait for the job's end.") boolean wait)
      throws IOException, ConfigException, InterruptedException {
    requireId(id);
    if (wait) {
      return ended(node, await(node, id));
    }
    Json.Obj job = node.get(JOBS + "/" + id);
    AdminNode.print(node.output, job, () -> System.out.println(row(job)));
    return 0;
  }

  /** Prints the end of a job; 1 where it did not end well. */
  private static int ended(ServiceNode node, Json.Obj job) {
    AdminNode.print(node.output, job, () -> System.out.println(row(job)));
    return AdminNode.text(job, "state").equals("done") ? 0 : 1;
  }

  private static Json.Obj await(ServiceNode node, String id)
      throws IOException, ConfigException, InterruptedException {
    boolean shown = isTerminal();
    Json.Obj job = node.get(JOBS + "/" + id);
    while (List.of("queued", "running").contains(AdminNode.text(job, "state"))) {
      if (shown) {
        System.err.print("\r\033[K" + progress(job));
        System.err.flush();
      }
      Thread.sleep(POLL_MILLIS);
      job = node.get(JOBS + "/" + id);
    }
    if (shown) {
      System.err.print("\r\033[K");
    }
    return job;
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 may say so again
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static String progress(Json.Obj job) {
    String eta = AdminNode.text(job, "eta_seconds");
    return AdminNode.text(job, "done")
        + " of "
        + AdminNode.text(job, "rows")
        + " rows"
        + (eta.isEmpty()
            ? ""
            : ", " + AdminNode.text(job, "rows_per_second") + "/s, " + eta + " s left");
  }

  @Command(
      name = "results",
      mixinStandardHelpOptions = true,
      description = "Fetches a job's results, a line per row, as far as there are any.")
  int results(
      @Mixin ServiceNode node,
      @Parameters(paramLabel = "ID", description = "The job's id.") String id,
      @Option(
              names = "--from",
              paramLabel = "ROW",
              description = "The first row wanted, 0 by default.")
          long from,
      @Option(
              names = "--follow",
              description = "Go on until the job has ended and its last row has come.")
          boolean follow,
      @Option(
              names = "--to",
              paramLabel = "FILE",
              description = "Write them there; standard output by default.")
          @Nullable Path to)
      throws IOException, ConfigException, InterruptedException {
    requireId(id);
    if (from < 0) {
      throw new ConfigException(List.of("--from: " + from + " (expected: >= 0)"));
    }
    if (to == null) {
      copyAll(node, id, from, follow, System.out);
    } else {
      try (OutputStream out = new OpenedLate(to)) {
        copyAll(node, id, from, follow, out);
      }
    }
    return 0;
  }

  /** A file that is begun with the first answer: what it held before is worth more than none. */
  private static final class OpenedLate extends OutputStream {
    private final Path file;
    private @Nullable OutputStream open;

    OpenedLate(Path file) {
      this.file = file;
    }

    private OutputStream open() throws IOException {
      OutputStream out = open;
      if (out == null) {
        out = new BufferedOutputStream(Files.newOutputStream(file));
        open = out;
      }
      return out;
    }

    @Override
    public void write(int octet) throws IOException {
      open().write(octet);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      open().write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      open().flush();
    }

    @Override
    public void close() throws IOException {
      if (open != null) {
        open.close();
      }
    }
  }

  private static void copyAll(
      ServiceNode node, String id, long from, boolean follow, OutputStream out)
      throws IOException, ConfigException, InterruptedException {
    long row = from;
    boolean ended = true;
    do {
      if (!ended) {
        Thread.sleep(POLL_MILLIS);
      }
      ended = !follow || hasEnded(node.get(JOBS + "/" + id));
      row += copy(node, id, row, out); // after the look: what an ended job has is all there is
      out.flush();
    } while (!ended);
  }

  private static boolean hasEnded(Json.Obj job) {
    return !List.of("queued", "running").contains(AdminNode.text(job, "state"));
  }

  /** Copies the lines from a row on; how many there were. */
  private static long copy(ServiceNode node, String id, long row, OutputStream out)
      throws IOException, ConfigException, InterruptedException {
    long lines = 0;
    try (InputStream in =
        node.open(
            "GET",
            JOBS + "/" + id + "/results?from=" + row,
            HttpRequest.BodyPublishers.noBody(),
            Map.of())) {
      byte[] bytes = new byte[COPY_BYTES];
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        out.write(bytes, 0, length);
        if (out instanceof PrintStream printed && printed.checkError()) {
          throw new IOException("standard output could not be written");
        }
        for (int i = 0; i < length; i++) {
          lines += bytes[i] == '\n' ? 1 : 0;
        }
      }
    }
    return lines;
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Ends a job and removes its results; one that has ended is removed itself.")
  int cancel(
      @Mixin ServiceNode node,
      @Parameters(paramLabel = "ID", description = "The job's id.") String id)
      throws IOException, ConfigException, InterruptedException {
    requireId(id);
    Json.Obj job =
        node.call("DELETE", JOBS + "/" + id, HttpRequest.BodyPublishers.noBody(), Map.of());
    AdminNode.print(node.output, job, () -> System.out.println(row(job)));
    return 0;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the tenant's jobs of one region.")
  int list(
      @Mixin ServiceNode node,
      @Option(
              names = "--region",
              paramLabel = "R",
              description = "Of which region, through a router; the one it chooses by default.")
          @Nullable String region)
      throws IOException, ConfigException, InterruptedException {
    if (region != null && !region.matches("[A-Za-z0-9.-]{1,63}")) {
      throw new ConfigException(List.of("--region: " + region + " (expected: a region's name)"));
    }
    Json.Obj answer = node.get(JOBS + (region == null ? "" : "?region=" + region));
    AdminNode.print(
        node.output,
        answer,
        () -> {
          System.out.printf("%-50s %-10s %s%n", "ID", "STATE", "ROWS");
          if (answer.get("jobs") instanceof Json.Arr jobs) {
            for (Json each : jobs.elements()) {
              if (each instanceof Json.Obj job) {
                System.out.println(row(job));
              }
            }
          }
        });
    return 0;
  }

  private static String row(Json.Obj job) {
    String detail = AdminNode.text(job, "detail");
    return "%-50s %-10s %s, %s failed%s"
        .formatted(
            AdminNode.text(job, "id"),
            AdminNode.text(job, "state"),
            progress(job),
            AdminNode.text(job, "failed"),
            detail.isEmpty() ? "" : ": " + detail);
  }

  private static void requireId(String id) throws ConfigException {
    if (!id.matches(ID)) {
      throw new ConfigException(List.of("id: not a job's id (expected: like local.4f…)"));
    }
  }
}
