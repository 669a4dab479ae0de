package io.openclaw.app;

import io.openclaw.bench.BenchCommand;
import io.openclaw.bench.RelayCommand;
import io.openclaw.sim.ChaosCommand;
import io.openclaw.sim.ExploreCommand;
import io.openclaw.sim.SimulateCommand;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code openclaw}: one program, with subcommands. */
@Command(
    name = "openclaw",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true,
    description =
        "OpenClaw Rating API Edge: rates JSON with the tenant's own model, under one limit over all regions.",
    footer = {
      "",
      "First steps:",
      "  openclaw dev             three regions and a router on this machine, with sample tenants",
      "  openclaw serve           one node on port 8080, with sample tenants",
      "  openclaw help COMMAND    what a command takes"
    })
public final class Main {
  private static final int BAD_USAGE = 2;

  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("dev", DevCommand::new);
    COMMANDS.put("router", RouterCommand::new);
    COMMANDS.put("dns", DnsCommand::new);
    COMMANDS.put("key", KeyCommand::new);
    COMMANDS.put("cert", CertCommand::new);
    COMMANDS.put("tenant", TenantCommand::new);
    COMMANDS.put("limit", LimitCommand::new);
    COMMANDS.put("rate", RateCommand::new);
    COMMANDS.put("model", ModelCommand::new);
    COMMANDS.put("release", ReleaseCommand::new);
    COMMANDS.put("canary", CanaryCommand::new);
    COMMANDS.put("region", RegionCommand::new);
    COMMANDS.put("drill", DrillCommand::new);
    COMMANDS.put("job", JobCommand::new);
    COMMANDS.put("bench", BenchCommand::new);
    COMMANDS.put("relay", RelayCommand::new);
    COMMANDS.put("simulate", SimulateCommand::new);
    COMMANDS.put("chaos", ChaosCommand::new);
    COMMANDS.put("explore", ExploreCommand::new);
    COMMANDS.put("self-test", SelfTestCommand::new);
  }

  private Main() {}

  public static void main(String[] args) {
    // Vert.x would make a folder for class path resources, which we have none of.
    System.setProperty("vertx.disableFileCPResolving", "true");
    System.setProperty("vertx.disableFileCaching", "true");
    Optional<Callable<Integer>> quick = QuickStart.of(args);
    int code = quick.isPresent() ? run(quick.get()) : commandLine(args).execute(args);
    if (System.out.checkError()) { // a stream that prints keeps its failures to itself
      System.err.println("openclaw: standard output could not be written to its end");
      code = Math.max(1, code);
    }
    System.exit(code);
  }

  private static int run(Callable<Integer> command) {
    try {
      return command.call();
    } catch (ConfigException | IOException e) {
      explain(new PrintWriter(System.err, true, StandardCharsets.UTF_8), e);
      return e instanceof ConfigException ? BAD_USAGE : 1;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The command line with all commands. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * Looks at the named command alone: reading the options of all the others takes a good part of a
   * start.
   */
  private static CommandLine commandLine(String[] args) {
    Supplier<Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
    return named == null ? commandLine() : commandLine(Map.of(args[0], named));
  }

  private static CommandLine commandLine(Map<String, Supplier<Object>> commands) {
    CommandLine line = new CommandLine(new Main());
    commands.values().forEach(command -> line.addSubcommand(command.get()));
    line.addSubcommand(new CommandLine.HelpCommand());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false); // @FILE is an input's, as with curl
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (failure instanceof ConfigException || failure instanceof IOException) {
            explain(command.getErr(), failure);
            return failure instanceof ConfigException ? BAD_USAGE : 1;
          }
          throw failure;
        });
    line.setExecutionStrategy(
        parsed -> {
          CommandLine last =
              parsed.subcommand() == null ? null : parsed.subcommand().commandSpec().commandLine();
          if (last == null
              && !parsed.hasMatchedOption("--help")
              && !parsed.hasMatchedOption("--version")) {
            parsed.commandSpec().commandLine().usage(System.err);
            return BAD_USAGE;
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    return line;
  }

  private static void explain(PrintWriter err, Exception failure) {
    message(failure).lines().forEach(each -> err.println("openclaw: " + each));
    err.flush();
  }

  /** The message; where it is but a file's name, with what is wrong with the file. */
  private static String message(Exception failure) {
    return switch (failure) {
      case NoSuchFileException file -> file.getFile() + ": no such file";
      case AccessDeniedException file -> file.getFile() + ": permission denied";
      case FileSystemException file when file.getReason() == null ->
          file.getFile() + ": " + file.getClass().getSimpleName();
      default -> String.valueOf(failure.getMessage());
    };
  }
}
