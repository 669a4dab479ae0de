package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code openclaw drill live}: a fault done to an installation that serves somebody, behind guard
 * rails.
 *
 * <p>It asks first, does nothing to an installation that is not well, undoes the fault as soon as
 * more requests failed than the error budget has, and whenever it ends, also by a signal. A drain
 * ends by itself where even that fails, for the order carries its end.
 */
@Command(
    name = "live",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description = {
      "Does a fault to an installation that serves somebody, sends a few requests meanwhile, and says what became of",
      "them. Asks first; does nothing where the installation is not well; undoes the fault at once where more requests",
      "fail than the error budget has, and whenever it ends."
    },
    footer = {
      "",
      "A request fails that is not answered with 200 within --timeout. What --run started and still runs is killed",
      "before --undo. Exits 0 where the fault was done and undone within the budget, else 1.",
      "Example: openclaw drill live --url https://rate.example --key-file k --drain us-east-1",
      "Example: openclaw drill live --url https://rate.example --key-file k \\",
      "  --run 'ssh us1 systemctl kill -s STOP openclaw' --undo 'ssh us1 systemctl kill -s CONT openclaw'"
    })
final class DrillLiveCommand implements Callable<Integer> {
  private static final int LOOK_MILLIS = 50;

  /** A drain ends by itself so long after it should have been undone. */
  private static final int SPARE_SECONDS = 60;

  @Option(
      names = "--url",
      required = true,
      paramLabel = "URL",
      description = "The installation, as its clients reach it.")
  URI url = URI.create("http://127.0.0.1:8080");

  @Option(names = "--key-file", paramLabel = "FILE", description = "File with an API key.")
  @Nullable Path keyFile;

  @Option(
      names = "--body",
      paramLabel = "JSON|@FILE",
      description = "What is rated; an input of the sample model credit-g by default.")
  String body = DrillRun.BODY;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests per second, 1 to 500; 20 by default.")
  int rate = 20;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description = "How long the fault lasts, 1 to 300; 10 by default.")
  int hold = 10;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "A request that takes longer has failed, 1 to 30; 2 by default.")
  int timeout = 2;

  @Option(
      names = "--error-budget",
      paramLabel = "PERCENT",
      description = "Of the requests while it lasts: more failures end it at once. 0 to 100; 1.")
  double budgetPercent = 1;

  @Option(
      names = "--drain",
      paramLabel = "REGION",
      description = "The fault: this region is drained by order, then taken back.")
  @Nullable String drain;

  @Option(names = "--run", paramLabel = "COMMAND", description = "The fault: this, by sh -c.")
  @Nullable String run;

  @Option(names = "--undo", paramLabel = "COMMAND", description = "With --run: what undoes it.")
  @Nullable String undo;

  @Option(names = "--yes", description = "Does not ask.")
  boolean yes;

  @Option(names = "--report", paramLabel = "FILE", description = "Writes a page with a plot.")
  @Nullable Path report;

  @Mixin AdminNode node = new AdminNode();

  /** What is done, as a report names it. */
  private record Live(String text, String description) implements DrillReport.Subject {}

  /** Looked at before the fault, and after it; less in tests. */
  int beforeSeconds = 3;

  int afterSeconds = 4;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    check();
    Live subject = subject();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve("/v1/rate"))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + ServiceNode.key(keyFile).reveal())
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    JsonWriter.write(ModelCommand.input("--body", body))));
    if (drain != null) {
      requireOthers(drain);
    }
    agree(subject);
    long most = failuresMax();
    LiveFault fault = fault();
    DrillRun done;
    boolean brokenOff;
    try (LiveLoad load = new LiveLoad(request, rate, Duration.ofSeconds(timeout))) {
      TimeUnit.SECONDS.sleep(beforeSeconds);
      requireWell(load);
      long faultNanos = LiveLoad.wallNanos();
      hurt(fault, load, faultNanos, most);
      long healNanos = LiveLoad.wallNanos();
      brokenOff = load.failedSince(faultNanos) > most;
      TimeUnit.SECONDS.sleep(afterSeconds);
      done = new DrillRun(load.finish(), faultNanos, healNanos, -1, -1, -1, 0);
    }
    print(subject, done);
    if (brokenOff || done.failed() > most) {
      System.err.printf(
          "openclaw drill: %s: %d requests failed (error budget: %d)%n",
          brokenOff
              ? "broken off after " + (done.healNanos() - done.faultNanos()) / 1_000_000 + " ms"
              : "too many were under way when it ended",
          done.failed(),
          most);
    }
    return fault.undo() && !brokenOff && done.failed() <= most ? 0 : 1;
  }

  private void check() throws ConfigException {
    Options.within("--rate", rate, 1, 500);
    Options.within("--hold", hold, 1, 300);
    Options.within("--timeout", timeout, 1, 30);
    if (!(budgetPercent >= 0 && budgetPercent <= 100)) {
      throw new ConfigException(
          List.of("--error-budget: " + budgetPercent + " (expected: 0 to 100)"));
    }
    if ((drain == null) == (run == null)) {
      throw new ConfigException(List.of("no fault (expected: --drain, or --run and --undo)"));
    }
    if ((run == null) != (undo == null)) {
      throw new ConfigException(
          List.of(
              run == null
                  ? "--undo (expected: with --run)"
                  : "--run (expected: with --undo, for nothing is done that cannot be undone)"));
    }
    ServiceNode.requireUrl(url);
  }

  private long failuresMax() {
    return (long) (rate * hold * budgetPercent / 100);
  }

  private Live subject() {
    return drain == null
        ? new Live("command", "sh -c " + run)
        : new Live("drain", "drain " + drain);
  }

  /** What is drained must be up, and so must another region be that is not drained. */
  private void requireOthers(String region)
      throws IOException, ConfigException, InterruptedException {
    boolean there = false;
    int others = 0;
    if (node.call("GET", RegionCommand.REGIONS, null).get("regions") instanceof Json.Arr rows) {
      for (Json row : rows.elements()) {
        Json.Obj each = (Json.Obj) row;
        boolean usable = each.get("up") == Json.Bool.TRUE && each.get("drained") != Json.Bool.TRUE;
        boolean it = AdminNode.text(each, "name").equals(region);
        there |= it && usable;
        others += usable && !it ? 1 : 0;
      }
    }
    if (!there || others == 0) {
      throw new IOException(
          there
              ? "no region but " + region + " is up: nothing was done"
              : region + " is no region that is up and not drained: nothing was done");
    }
  }

  private void agree(Live subject) throws ConfigException {
    System.err.printf(
        "openclaw drill: %s, for %d s, while %d requests per second go to %s;%n"
            + "  undone by %s, at once where more than %s of them fail%n",
        subject.description(),
        hold,
        rate,
        url,
        undo == null ? "an order that takes it back" : "sh -c " + undo,
        failuresMax());
    if (yes) {
      return;
    }
    if (!JobCommand.isTerminal()) {
      throw new ConfigException(List.of("nobody can be asked (expected: --yes)"));
    }
    System.err.print("This is done to those who are served there. Type drill to go on: ");
    Scanner typed = new Scanner(System.in, StandardCharsets.UTF_8);
    if (!typed.hasNextLine() || !typed.nextLine().strip().equals("drill")) {
      throw new ConfigException(List.of("not agreed to: nothing was done"));
    }
  }

  /** All that ended was well, and half of what was sent has ended: a silent installation is not. */
  private void requireWell(LiveLoad load) throws IOException {
    long failed = load.failedSince(0);
    long answered = load.answered();
    long least = Math.max(1, (long) rate * beforeSeconds / 2);
    if (failed > 0 || answered < least) {
      throw new IOException(
          (failed > 0
                  ? failed + " requests failed"
                  : answered + " requests were answered (expected: at least " + least + ")")
              + " before there was a fault: nothing was done");
    }
  }

  private LiveFault fault() {
    return drain == null
        ? LiveFault.command(String.valueOf(run), String.valueOf(undo))
        : LiveFault.order(
            () -> order(true),
            () -> order(false),
            "openclaw region restore " + drain + " (it ends by itself soon)");
  }

  /** Does it, waits while the budget lasts, and undoes it, also where this process is stopped. */
  private void hurt(LiveFault fault, LiveLoad load, long faultNanos, long most)
      throws IOException, ConfigException, InterruptedException {
    Thread stop = new Thread(fault::undo, "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      long from = System.nanoTime();
      fault.begin();
      while (System.nanoTime() - from < TimeUnit.SECONDS.toNanos(hold)
          && load.failedSince(faultNanos) <= most) {
        fault.check();
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } finally {
      fault.undo();
    }
    Runtime.getRuntime().removeShutdownHook(stop);
  }

  private void order(boolean drained) throws IOException, ConfigException, InterruptedException {
    String author = Signed.user();
    int seconds = drained ? hold + SPARE_SECONDS : 0;
    node.call(
        "POST",
        RegionCommand.REGIONS,
        RegionCommand.wish(String.valueOf(drain), drained, "a drill", author, seconds, false));
  }

  private void print(Live subject, DrillRun done) throws IOException {
    new DrillReport(
            url.toString(),
            new DrillRun.Plan(rate, beforeSeconds, hold, afterSeconds),
            Map.of(subject, List.of(done)))
        .show(node.output, report);
  }
}
