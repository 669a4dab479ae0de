package io.openclaw.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command {@code openclaw relay}: a {@link Relay} that obeys lines on standard input, for the
 * proofs.
 *
 * <p>Exit code 0 at the end of standard input; 1 if a link cannot listen; 2 for bad usage.
 */
@Command(
    name = "relay",
    hidden = true,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    usageHelpAutoWidth = true,
    description = "Relays TCP connections with the delay, losses and cuts of a long line.",
    footer = {
      "",
      "Says 'ready', then obeys lines on standard input until it ends, and answers each with one"
          + " line, 'ok' or 'error: …':",
      "  cut A B       resets all connections between A and B, and every new one",
      "  swallow A B   swallows what A sends to B, and closes nothing",
      "  heal A B      ends both; connections that lost bytes are reset",
      "  heal          the same for all",
      "  now           answers 'ok NANOS', this machine's monotonic clock",
      "Exit code: 0, or 1 if a link cannot listen, or 2 for bad usage."
    })
public final class RelayCommand implements Callable<Integer> {
  private static final Pattern LINK =
      Pattern.compile("([^:=,]+):([^:=,]+)=([^,]+),([^,]+)(?:,([^,]+))?");
  private static final int BAD_USAGE = 2;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--link",
      paramLabel = "A:B=LISTEN,TARGET[,SOURCE]",
      description =
          "Connections of A to B: A connects to LISTEN (host:port), they go on to TARGET"
              + " (host:port), and B sees them come from the address SOURCE; repeatable.")
  List<String> links = new ArrayList<>();

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      description = "How long bytes are under way, one way, up to 10s (${DEFAULT-VALUE}).")
  String delay = "40ms";

  @Option(
      names = "--jitter",
      paramLabel = "TIME",
      description = "Up to how much longer, up to 10s (${DEFAULT-VALUE}).")
  String jitter = "0ms";

  @Option(
      names = "--loss",
      paramLabel = "R",
      description =
          "The part of the chunks that arrive late by --stall, 0 to 1 (${DEFAULT-VALUE}).")
  String loss = "0";

  @Option(
      names = "--stall",
      paramLabel = "TIME",
      description = "What a lost chunk waits to be sent again, up to 10s (${DEFAULT-VALUE}).")
  String stall = "250ms";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of jitter and losses (${DEFAULT-VALUE}).")
  String seed = "1";

  private final InputStream input;

  /** The command as the proofs run it. */
  public RelayCommand() {
    this(System.in);
  }

  RelayCommand(InputStream input) {
    this.input = input;
  }

  @Override
  public Integer call() throws IOException {
    CommandLine command = spec == null ? new CommandLine(this) : spec.commandLine();
    List<Relay.Link> parsed;
    Relay.Line line;
    long seedNumber;
    try {
      if (links.isEmpty() || links.size() > Relay.LINKS_MAX) {
        throw Quantities.refused("--link", links.size() + " given", "1 to " + Relay.LINKS_MAX);
      }
      parsed = links.stream().map(RelayCommand::link).toList();
      line =
          new Relay.Line(
              Quantities.durationNanos("--delay", delay, "0ms", "10s"),
              Quantities.durationNanos("--jitter", jitter, "0ms", "10s"),
              Quantities.ratio("--loss", loss),
              Quantities.durationNanos("--stall", stall, "0ms", "10s"));
      seedNumber = Quantities.whole("--seed", seed, 0, Long.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      command.getErr().println("openclaw relay: " + e.getMessage());
      command.getErr().println("Try 'openclaw relay --help'.");
      command.getErr().flush();
      return BAD_USAGE;
    }
    try (Relay relay = Relay.open(parsed, line, seedNumber)) {
      obey(relay, command.getOut());
    }
    return 0;
  }

  private void obey(Relay relay, PrintWriter out) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    out.println("ready");
    out.flush();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      out.println(answer(relay, line.strip()));
      out.flush();
    }
  }

  private String answer(Relay relay, String line) {
    String[] words = line.split(" +", -1);
    if (words.length == 3 && !(isKnown(words[1]) && isKnown(words[2]))) {
      return "error: " + line + " (expected: names of a link)";
    }
    switch (words[0] + "/" + words.length) {
      case "cut/3" -> relay.cut(words[1], words[2]);
      case "swallow/3" -> relay.swallow(words[1], words[2]);
      case "heal/3" -> relay.heal(words[1], words[2]);
      case "heal/1" -> relay.heal();
      case "now/1" -> {
        return "ok " + System.nanoTime();
      }
      default -> {
        return "error: " + line + " (expected: cut A B, swallow A B, heal A B, heal or now)";
      }
    }
    return "ok";
  }

  private boolean isKnown(String name) {
    return links.stream()
        .map(RelayCommand::link)
        .anyMatch(link -> link.from().equals(name) || link.to().equals(name));
  }

  private static Relay.Link link(String text) {
    Matcher matcher = LINK.matcher(text);
    if (!matcher.matches()) {
      throw Quantities.refused("--link", text, "A:B=host:port,host:port or …,address");
    }
    return new Relay.Link(
        matcher.group(1),
        matcher.group(2),
        address(text, matcher.group(3)),
        address(text, matcher.group(4)),
        source(text, matcher.group(5)));
  }

  private static @Nullable InetAddress source(String link, @Nullable String text) {
    try {
      return text == null ? null : InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--link: " + link + " (expected: an address, not " + text + ")", e);
    }
  }

  private static InetSocketAddress address(String link, String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    InetSocketAddress address =
        colon > 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65_535
            ? new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port))
            : null;
    if (address == null || address.isUnresolved()) {
      throw Quantities.refused("--link", link, "host:port for " + text);
    }
    return address;
  }
}
