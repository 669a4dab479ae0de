package io.openclaw.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnswerParserTest {
  private static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String CHUNKED =
      String.join(
          "\r\n",
          "HTTP/1.1 429 Too Many",
          "transfer-encoding: chunked",
          "",
          "5;x=y",
          "hello",
          "1A",
          "abcdefghijklmnopqrstuvwxyz",
          "0",
          "trailer: 1",
          "",
          "");
  private static final String INTERIM = "HTTP/1.1 100 Continue\r\n\r\n" + PLAIN;

  @Test
  void answers_are_complete_wherever_they_are_cut() throws Exception {
    long seed = 20261120;
    Random random = new Random(seed);
    for (String answer : new String[] {PLAIN, CHUNKED, INTERIM}) {
      for (int round = 0; round < 500; round++) {
        AnswerParser parser = begun(false);
        byte[] bytes = bytes(answer);
        for (int at = 0; at < bytes.length; ) {
          assertThat(parser.isComplete()).as("seed %d, round %d", seed, round).isFalse();
          int to = Math.min(bytes.length, at + 1 + random.nextInt(20));
          parser.accept(Arrays.copyOfRange(bytes, at, to));
          at = to;
        }
        assertThat(parser.isComplete()).as("seed %d, round %d", seed, round).isTrue();
        assertThat(parser.keepAlive()).isTrue();
        assertThat(parser.status()).isEqualTo(answer.equals(CHUNKED) ? 429 : 200);
      }
    }
  }

  @Test
  void answers_without_a_body_end_with_their_headers() throws Exception {
    AnswerParser toHead = begun(true);
    toHead.accept(bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"));
    assertThat(toHead.isComplete()).isTrue();

    AnswerParser noContent = begun(false);
    noContent.accept(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    assertThat(noContent.isComplete()).isTrue();
  }

  @Test
  void a_body_without_length_ends_at_close_and_a_short_one_does_not() throws Exception {
    AnswerParser untilClose = begun(false);
    untilClose.accept(bytes("HTTP/1.0 200 OK\r\n\r\nhello"));
    assertThat(untilClose.isComplete()).isFalse();
    assertThat(untilClose.completeAtClose()).isTrue();
    assertThat(untilClose.keepAlive()).isFalse();

    AnswerParser cutShort = begun(false);
    cutShort.accept(bytes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"));
    assertThat(cutShort.completeAtClose()).isFalse();
  }

  @Test
  void connection_close_is_heeded() throws Exception {
    AnswerParser parser = begun(false);
    parser.accept(bytes("HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n"));
    assertThat(parser.isComplete()).isTrue();
    assertThat(parser.keepAlive()).isFalse();
  }

  @Test
  void bytes_that_are_not_an_answer_are_refused() {
    for (String bad :
        new String[] {
          "SSH-2.0-OpenSSH_9.2p1\r\n",
          "HTTP/2 200\r\n",
          "HTTP/1.1 2x0 OK\r\n",
          "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
          "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
          "HTTP/1.1 101 Switching\r\n\r\n",
          PLAIN + "HTTP/1.1 200 OK\r\n",
          "HTTP/1.1 200 OK\r\nx: " + "y".repeat(AnswerParser.LINE_BYTES_MAX),
          "HTTP/1.1 200 OK\r\n" + "x: y\r\n".repeat(AnswerParser.LINES_MAX),
        }) {
      assertThatThrownBy(() -> begun(false).accept(bytes(bad)))
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isInstanceOf(MalformedAnswerException.class);
    }
  }

  private static AnswerParser begun(boolean toHead) {
    AnswerParser parser = new AnswerParser();
    parser.begin(toHead);
    return parser;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
