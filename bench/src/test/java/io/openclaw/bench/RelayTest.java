package io.openclaw.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import picocli.CommandLine;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RelayTest {
  private static final long MILLIS = 1_000_000;
  private static final Relay.Line LINE = new Relay.Line(MILLIS, 0, 0, 0);
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private final ServerSocket target;

  RelayTest() throws IOException {
    target = new ServerSocket(0, 8, HERE);
  }

  @BeforeEach
  void answersDoNotTakeForever() throws IOException {
    target.setSoTimeout(20_000);
  }

  @AfterEach
  void close() throws IOException {
    target.close();
  }

  @Test
  void bytes_arrive_whole_and_in_order_through_jitter_and_losses() throws Exception {
    byte[] sent = new byte[1_000_000];
    new Random(7).nextBytes(sent);
    try (Relay relay = relay(new Relay.Line(MILLIS, 3 * MILLIS, 0.3, 5 * MILLIS));
        Socket a = dial(relay);
        Socket b = target.accept()) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int from = 0; from < sent.length; from += 10_000) {
                        a.getOutputStream().write(sent, from, 10_000);
                      }
                      a.shutdownOutput();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      assertThat(b.getInputStream().readAllBytes()).isEqualTo(sent);
      writer.join();
      b.getOutputStream().write(sent, 0, 100); // the other direction is still open
      b.shutdownOutput();
      assertThat(a.getInputStream().readAllBytes()).hasSize(100).startsWith(sent[0], sent[1]);
    }
  }

  @Test
  void a_cut_resets_what_is_open_and_refuses_until_it_is_healed() throws Exception {
    try (Relay relay = relay(LINE)) {
      try (Socket a = dial(relay);
          Socket b = target.accept()) {
        pass(a, b);
        relay.cut("b", "a");
        assertEnds(a);
        assertEnds(b);
      }
      try (Socket refused = dial(relay)) {
        assertEnds(refused);
      }
      relay.heal("a", "b");
      try (Socket a = dial(relay);
          Socket b = target.accept()) {
        pass(a, b);
        pass(b, a);
      }
    }
  }

  @Test
  void what_is_swallowed_is_lost_while_the_other_direction_goes_on() throws Exception {
    try (Relay relay = relay(LINE);
        Socket a = dial(relay);
        Socket b = target.accept()) {
      pass(a, b);
      relay.swallow("a", "b");
      a.getOutputStream().write('x');
      for (int i = 0; i < 100; i++) {
        pass(b, a);
      }
      assertThat(b.getInputStream().available()).isZero();
      relay.heal();
      assertEnds(a); // bytes are missing, so nothing may follow them
      assertEnds(b);
      try (Socket again = dial(relay);
          Socket other = target.accept()) {
        pass(again, other);
      }
    }
  }

  @Test
  void a_direction_that_is_not_swallowed_survives_healing() throws Exception {
    try (Relay relay = relay(LINE);
        Socket a = dial(relay);
        Socket b = target.accept()) {
      relay.swallow("a", "b");
      pass(b, a);
      relay.heal("a", "b");
      pass(a, b);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX) // elsewhere 127.0.0.2 is no address of this machine
  void the_target_sees_the_source_address_of_the_link() throws Exception {
    InetAddress source = InetAddress.ofLiteral("127.0.0.2");
    Relay.Link link =
        new Relay.Link("a", "b", new InetSocketAddress(HERE, 0), targetAddress(), source);
    try (Relay relay = Relay.open(List.of(link), LINE, 1);
        Socket a = dial(relay);
        Socket b = target.accept()) {
      assertThat(b.getInetAddress()).isEqualTo(source);
      pass(a, b);
    }
  }

  @Test
  void where_the_target_cannot_be_reached_the_connection_is_reset() throws Exception {
    try (Relay relay = relay(LINE)) {
      target.close();
      try (Socket a = dial(relay)) {
        assertEnds(a);
      }
    }
  }

  @Test
  void a_link_whose_port_is_taken_is_named() {
    Relay.Link link = new Relay.Link("a", "b", targetAddress(), targetAddress(), null);
    assertThatThrownBy(() -> Relay.open(List.of(link), LINE, 1).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a:b cannot listen on");
  }

  @Test
  void the_command_obeys_lines_until_the_input_ends() {
    String link = "--link=a:b=127.0.0.1:0,127.0.0.1:" + target.getLocalPort() + ",127.0.0.1";
    StringWriter out = new StringWriter();
    int exitCode =
        command("cut a b\nswallow a b\nheal a b\nheal\nnow\ncut a c\ncut\n", out, out)
            .execute(link, "--delay=1ms", "--jitter=1ms", "--loss=0.1", "--stall=1ms");
    assertThat(exitCode).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).startsWith("ready", "ok", "ok", "ok", "ok").hasSize(8);
    assertThat(lines.get(5)).matches("ok [0-9]+");
    assertThat(lines.get(6)).isEqualTo("error: cut a c (expected: names of a link)");
    assertThat(lines.get(7)).startsWith("error: cut (expected: cut A B, ");
  }

  @Test
  void bad_usage_shows_the_value_and_what_was_expected() {
    String good = "--link=a:b=127.0.0.1:0,127.0.0.1:1";
    refused("--link: 0 given (expected: 1 to 64)");
    refused("--link: a=b (expected: A:B=host:port", "--link=a=b");
    refused("(expected: host:port for nowhere)", "--link=a:b=nowhere,127.0.0.1:1");
    refused("(expected: host:port for 127.0.0.1:65536)", "--link=a:b=127.0.0.1:0,127.0.0.1:65536");
    refused("(expected: an address, not b)", "--link=a:b=127.0.0.1:0,127.0.0.1:1,b");
    refused("--delay: 1h (expected: 0ms to 10s", good, "--delay=1h");
    refused("--loss: 2 (expected: 0 to 1", good, "--loss=2");
    refused("--seed: x (expected", good, "--seed=x");
  }

  private static void refused(String message, String... options) {
    StringWriter err = new StringWriter();
    assertThat(command("", new StringWriter(), err).execute(options)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  private static CommandLine command(String input, StringWriter out, StringWriter err) {
    InputStream lines = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    return new CommandLine(new RelayCommand(lines))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err));
  }

  private Relay relay(Relay.Line line) throws IOException {
    Relay.Link link =
        new Relay.Link("a", "b", new InetSocketAddress(HERE, 0), targetAddress(), null);
    return Relay.open(List.of(link), line, 1);
  }

  private InetSocketAddress targetAddress() {
    return new InetSocketAddress(HERE, target.getLocalPort());
  }

  private static Socket dial(Relay relay) throws IOException {
    Socket socket = new Socket(HERE, relay.port(0));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void pass(Socket from, Socket to) throws IOException {
    from.getOutputStream().write('.');
    assertThat(to.getInputStream().read()).isEqualTo('.');
  }

  /** The end of the stream, or a reset. */
  private static void assertEnds(Socket socket) {
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
