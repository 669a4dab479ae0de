package io.openclaw.app;

import io.openclaw.bench.BenchCommand;
import java.io.PrintWriter;
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
    subcommands = {
      ServeCommand.class,
      DevCommand.class,
      RouterCommand.class,
      KeyCommand.class,
      BenchCommand.class,
      SelfTestCommand.class
    },
    footer = {
      "",
      "First steps:",
      "  openclaw dev             three regions and a router on this machine, with sample tenants",
      "  openclaw serve           one node on port 8080, with sample tenants",
      "  openclaw help COMMAND    what a command takes"
    })
public final class Main {
  private static final int BAD_USAGE = 2;

  private Main() {}

  public static void main(String[] args) {
    // Vert.x would make a folder for class path resources, which we have none of.
    System.setProperty("vertx.disableFileCPResolving", "true");
    System.setProperty("vertx.disableFileCaching", "true");
    int code = commandLine().execute(args);
    System.out.flush();
    System.exit(code);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(new CommandLine.HelpCommand());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (failure instanceof ConfigException || failure instanceof java.io.IOException) {
            explain(command.getErr(), String.valueOf(failure.getMessage()));
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

  private static void explain(PrintWriter err, String message) {
    message.lines().forEach(each -> err.println("openclaw: " + each));
    err.flush();
  }
}
