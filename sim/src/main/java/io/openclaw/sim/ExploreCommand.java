package io.openclaw.sim;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command {@code openclaw explore}: visits every state of a small model of the lease protocol.
 *
 * <p>Exit code 0 if all states of every scenario were visited and none has two users; 1 otherwise;
 * 2 for bad usage.
 */
@Command(
    name = "explore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Visits every state of a small model of the lease protocol and looks for two users at once.",
    footer = {
      "",
      "The model: regions A (owner of the block), B (first heir) and C. Messages are delayed, reordered"
          + " and lost, nodes pause, crash and have unequal clocks, within each scenario's bounds."
          + " A found violation is printed as the shortest way to it.",
      "Memory: OPENCLAW_JAVA_OPTS=-Xmx1g with --quick, -Xmx8g for the larger scenarios.",
      "Exit code: 0 if everything was visited and nothing found, 1 otherwise, 2 for bad usage."
    })
public final class ExploreCommand implements Callable<Integer> {
  private static final int STATES_MAX = 400_000_000;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description = "Only this scenario; repeatable (default: all).")
  List<String> names = new ArrayList<>();

  @Option(names = "--quick", description = "Only the scenarios that take under a minute together.")
  boolean quick;

  @Option(
      names = "--bug",
      paramLabel = "NAME",
      description = "Plants this bug, in the scenario that must show it unless another is named.")
  @Nullable String bugName;

  @Option(
      names = "--states-max",
      paramLabel = "N",
      description = "Gives up on a scenario after N states, 1 to 400,000,000 (${DEFAULT-VALUE}).")
  int statesMax = 40_000_000;

  @Option(names = "--list", description = "Only prints the scenarios and the bugs.")
  boolean list;

  @Override
  public Integer call() {
    CommandLine line = commandLine();
    PrintWriter out = line.getOut();
    if (list) {
      list(out);
      return 0;
    }
    if (statesMax < 1 || statesMax > STATES_MAX) {
      throw new CommandLine.ParameterException(
          line, "--states-max: %d (expected: 1 to %d)".formatted(statesMax, STATES_MAX));
    }
    Bug bug = bugName == null ? null : bug(line, bugName);
    boolean clean = true;
    out.println("scenario                 states  depth  seconds  used by  verdict");
    for (Scenario scenario : scenarios(line, bug)) {
      clean &= explore(out, scenario, bug);
    }
    return clean ? 0 : 1;
  }

  private boolean explore(PrintWriter out, Scenario scenario, @Nullable Bug bug) {
    long began = System.nanoTime();
    Explorer.Outcome found = new Explorer(new LeaseModel(scenario, bug), statesMax).run();
    double seconds = (System.nanoTime() - began) / 1e9;
    boolean allUsed = (found.users() & scenario.holders()) == scenario.holders();
    String verdict = "every state visited, never two users";
    if (found.trace() != null) {
      verdict = "TWO USERS" + (bug == null ? "" : ", as planted: " + bug.title());
    } else if (!found.complete()) {
      verdict = "GAVE UP, not every state was visited";
    } else if (!allUsed) {
      verdict =
          "IDLE: not every holder ever used the block (expected: "
              + LeaseModel.names(scenario.holders())
              + ")";
    }
    out.printf(
        "%-19s %,11d %6d %8.1f  %-7s  %s%n",
        scenario.name(),
        found.states(),
        found.depth(),
        seconds,
        LeaseModel.names(found.users()),
        verdict);
    if (found.trace() != null) {
      out.print(found.trace());
    }
    out.flush();
    return found.trace() == null && found.complete() && allUsed;
  }

  private List<Scenario> scenarios(CommandLine line, @Nullable Bug bug) {
    List<Scenario> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(
          Scenarios.of(name)
              .orElseThrow(
                  () ->
                      new CommandLine.ParameterException(
                          line, "--scenario: %s (expected: a name of --list)".formatted(name))));
    }
    if (chosen.isEmpty() && bug != null) {
      chosen.add(Scenarios.showing(bug));
    }
    if (chosen.isEmpty()) {
      chosen.addAll(Scenarios.QUICK);
      chosen.addAll(quick ? List.of() : Scenarios.LARGE);
    }
    return chosen;
  }

  private static Bug bug(CommandLine line, String title) {
    return Bug.of(title)
        .orElseThrow(
            () ->
                new CommandLine.ParameterException(
                    line,
                    "--bug: %s (expected: one of %s)"
                        .formatted(
                            title,
                            String.join(
                                ", ", Arrays.stream(Bug.values()).map(Bug::title).toList()))));
  }

  private static void list(PrintWriter out) {
    Scenarios.QUICK.forEach(s -> out.printf("scenario %-28s %s%n", s.name(), s.about()));
    Scenarios.LARGE.forEach(s -> out.printf("larger   %-28s %s%n", s.name(), s.about()));
    for (Bug bug : Bug.values()) {
      out.printf("bug      %-28s %s%n", bug.title(), bug.about());
    }
    out.flush();
  }

  private CommandLine commandLine() {
    if (spec == null) {
      throw new IllegalStateException("spec: null (expected: set by picocli)");
    }
    return spec.commandLine();
  }
}
