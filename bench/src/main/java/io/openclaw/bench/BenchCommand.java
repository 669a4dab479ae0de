package io.openclaw.bench;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command {@code openclaw bench}: closed- or open-loop HTTP load against one or several URLs.
 *
 * <p>Exit code 0; 1 if {@code --max-failures} or {@code --min-success-ratio} is violated or the run
 * broke off; 2 for bad usage.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    usageHelpAutoWidth = true,
    description = "Puts HTTP load on one or several URLs and reports latencies and failures.",
    footer = {
      "",
      "Without --rate the load is a closed loop: every connection sends its next request after the"
          + " answer. With --rate it is an open loop: requests are sent at their time whatever the"
          + " server does, and latency counts from that time. The bearer key comes from --key-file"
          + " or OPENCLAW_KEY.",
      "Exit code: 0, or 1 if --max-failures or --min-success-ratio is violated, or 2 for bad usage."
    })
public final class BenchCommand implements Callable<Integer> {
  /** How long Ctrl-C waits for the results to be printed. */
  private static final long PRINT_SECONDS_MAX = 10;

  private static final int OK = 0;
  private static final int VIOLATED = 1;
  private static final int BAD_USAGE = 2;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Where requests go; repeatable: requests go to the URLs in turn.")
  List<String> urls = new ArrayList<>();

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Open loop: requests per second, over all URLs; 0.01 to 1,000,000.")
  @Nullable String rate;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description =
          "Closed loop: connections, 1 to 10,000 (default 64). Open loop: most connections open"
              + " at once (default: as many as are in flight).")
  @Nullable String connections;

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      description =
          "Open loop: requests beyond are counted as unsent, 1 to 50,000 (${DEFAULT-VALUE}).")
  String maxInFlight = "10000";

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long requests are sent, such as 500ms, 10s, 2m (10s without --requests).")
  @Nullable String duration;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "Stop after N requests, 1 to 1,000,000,000.")
  @Nullable String requests;

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      description = "Load before that, not recorded, up to 1h (${DEFAULT-VALUE}).")
  String warmup = "0s";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "Longest wait for an answer, 1ms to 5m (${DEFAULT-VALUE}).")
  String timeout = "10s";

  @Option(
      names = "--method",
      paramLabel = "M",
      description = "Request method (POST with a body, else GET).")
  @Nullable String method;

  @Option(
      names = "--header",
      paramLabel = "'N: V'",
      description = "A request header; repeatable. Not for secrets.")
  List<String> headers = new ArrayList<>();

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "File with the bearer key (default: environment OPENCLAW_KEY, if set).")
  @Nullable String keyFile;

  @Option(names = "--body", paramLabel = "TEXT", description = "The request body.")
  @Nullable String body;

  @Option(names = "--body-file", paramLabel = "FILE", description = "File with the request body.")
  @Nullable String bodyFile;

  @Option(
      names = "--body-lines",
      paramLabel = "FILE",
      description = "File with one request body per line, used in turn.")
  @Nullable String bodyLines;

  @Option(
      names = "--expect",
      paramLabel = "LIST",
      description = "Statuses that are success, such as 200,429 (${DEFAULT-VALUE}).")
  String expect = "2xx";

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description = "Exit code 1 if more requests failed or were not sent.")
  @Nullable String maxFailures;

  @Option(
      names = "--min-success-ratio",
      paramLabel = "R",
      description = "Exit code 1 if a smaller part of the requests succeeded, 0 to 1.")
  @Nullable String minSuccessRatio;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      description = "How the results are printed (${DEFAULT-VALUE}).")
  String output = "text";

  @Option(
      names = "--progress",
      paramLabel = "auto|always|never",
      description = "A line per second on standard error; auto: on a terminal (${DEFAULT-VALUE}).")
  String progress = "auto";

  @Option(
      names = "--timeline",
      description =
          "JSON: successes, failures and longest request by 100 ms of when they were due.")
  boolean timeline;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Write one CSV line per recorded request.")
  @Nullable String record;

  @Option(
      names = "--record-clock",
      paramLabel = "wall|monotonic",
      description =
          "What the record's times count: monotonic is one for all processes of a machine"
              + " (${DEFAULT-VALUE}).")
  String recordClock = "wall";

  private final Map<String, String> environment;

  /** The command as users run it. */
  public BenchCommand() {
    this(System.getenv());
  }

  BenchCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    CommandLine line = commandLine();
    LoadPlan plan;
    Verdict verdict;
    boolean showsProgress;
    try {
      plan = new BenchOptions(this, environment).plan();
      verdict = Verdict.of(maxFailures, minSuccessRatio);
      showsProgress = showsProgress();
    } catch (IllegalArgumentException e) {
      line.getErr().println("openclaw bench: " + e.getMessage());
      line.getErr().println("Try 'openclaw bench --help'.");
      line.getErr().flush();
      return BAD_USAGE;
    }
    try {
      return run(plan, verdict, showsProgress, line.getOut(), line.getErr());
    } catch (IOException e) {
      line.getErr().println("openclaw bench: the run broke off: " + e.getMessage());
      line.getErr().flush();
      return VIOLATED;
    }
  }

  private CommandLine commandLine() {
    CommandSpec known = spec;
    return known == null ? new CommandLine(this) : known.commandLine();
  }

  private boolean showsProgress() {
    return switch (progress) {
      case "always" -> true;
      case "never" -> false;
      case "auto" -> Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
      default -> throw Quantities.refused("--progress", progress, "auto, always or never");
    };
  }

  private int run(
      LoadPlan plan, Verdict verdict, boolean showsProgress, PrintWriter out, PrintWriter err)
      throws IOException, InterruptedException {
    Consumer<Progress> listener =
        showsProgress ? seen -> Thread.startVirtualThread(() -> print(err, seen)) : seen -> {};
    CountDownLatch printed = new CountDownLatch(1);
    LoadRun run = LoadRun.start(plan, listener);
    Thread onInterrupt = new Thread(() -> stopAndWait(run, printed), "bench-stop");
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    try (run) {
      LoadReport report = run.await();
      out.print(
          output.equals("json")
              ? new String(ReportJson.write(report), StandardCharsets.UTF_8) + "\n"
              : ReportText.write(report));
      out.flush();
      String violation = verdict.violation(report);
      if (violation != null) {
        err.println("openclaw bench: " + violation);
        err.flush();
      }
      return violation == null ? OK : VIOLATED;
    } finally {
      printed.countDown();
      forget(onInterrupt);
    }
  }

  private static void print(PrintWriter err, Progress seen) {
    err.println(ReportText.progress(seen));
    err.flush();
  }

  /** On Ctrl-C: ends the run and lets the main thread print what there is. */
  private static void stopAndWait(LoadRun run, CountDownLatch printed) {
    run.stop();
    try {
      printed.await(PRINT_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown is under way: the hook is what ended the run.
    }
  }
}
