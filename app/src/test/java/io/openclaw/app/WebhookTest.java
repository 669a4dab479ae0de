package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where webhooks may go, and how they are signed. */
final class WebhookTest {
  private static final Secret SECRET =
      new Secret("whsec_" + Base64.getEncoder().encodeToString("0123456789abcdef".getBytes(UTF_8)));

  private static WebhookTarget target(String allow, String... addresses) {
    return new WebhookTarget(
        allow,
        host -> {
          InetAddress[] all = new InetAddress[addresses.length];
          for (int i = 0; i < all.length; i++) {
            all[i] = InetAddress.getByName(addresses[i]); // literal: asks nobody
          }
          return all;
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void an_address_that_is_not_of_the_public_internet_is_refused(String address) {
    assertThatThrownBy(() -> target("", address).check("https://example.com/hook"))
        .hasMessageContaining("not of the public internet")
        .hasMessageNotContaining(address); // what a name means inside is nobody's to know
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "::ffff:1.1.1.1"
      })
  void an_address_of_the_public_internet_is_taken(String address) throws IOException {
    assertThat(target("", address).check("https://example.com/hook").address().getPort())
        .isEqualTo(443);
  }

  @Test
  void one_private_address_among_public_ones_is_enough_to_refuse() {
    assertThatThrownBy(() -> target("", "1.1.1.1", "10.0.0.1").check("https://example.com/"))
        .hasMessageContaining("not of the public internet");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://localhost/"
      })
  void a_private_address_however_it_is_written_is_refused(String url) {
    assertThatThrownBy(() -> new WebhookTarget("", InetAddress::getAllByName).check(url))
        .isInstanceOf(IOException.class);
  }

  @Test
  void only_https_is_taken_and_http_where_a_host_is_allowed() throws IOException {
    assertThatThrownBy(() -> target("", "1.1.1.1").check("http://example.com/"))
        .hasMessageContaining("expected: https");
    assertThat(target("Example.com", "10.0.0.1").check("http://example.COM/").address().getPort())
        .isEqualTo(80);
    assertThat(target("[fd00::1]:81", "fd00::1").check("http://[fd00::1]:81/").isTls()).isFalse();
    WebhookTarget one = target("a.example, example.com:8443", "10.0.0.1");
    assertThat(one.check("http://example.com:8443/x").isTls()).isFalse();
    assertThatThrownBy(() -> one.check("https://example.com/")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> one.check("https://b.a.example/")).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https:example.com"
      })
  void what_is_no_plain_url_is_refused(String url) {
    assertThatThrownBy(() -> target("", "1.1.1.1").check(url)).isInstanceOf(IOException.class);
  }

  @Test
  void a_name_that_nobody_knows_is_refused() {
    WebhookTarget target =
        new WebhookTarget(
            "",
            host -> {
              throw new UnknownHostException(host);
            });
    assertThatThrownBy(() -> target.check("https://example.com/"))
        .hasMessageContaining("cannot be resolved");
  }

  /** HMAC-SHA256 by its definition (RFC 2104), without the library that signs. */
  private static byte[] hmac(byte[] key, byte[] text) throws Exception {
    byte[] block = Arrays.copyOf(key, 64);
    MessageDigest inner = MessageDigest.getInstance("SHA-256");
    MessageDigest outer = MessageDigest.getInstance("SHA-256");
    for (byte b : block) {
      inner.update((byte) (b ^ 0x36));
      outer.update((byte) (b ^ 0x5c));
    }
    return outer.digest(inner.digest(text));
  }

  private static boolean verifies(String signature, String id, long seconds, String body)
      throws Exception {
    byte[] signed = (id + "." + seconds + "." + body).getBytes(UTF_8);
    String expected =
        "v1,"
            + Base64.getEncoder().encodeToString(hmac("0123456789abcdef".getBytes(UTF_8), signed));
    return signature.equals(expected);
  }

  @Test
  void the_signature_is_that_of_standard_webhooks_and_of_nothing_else() throws Exception {
    String body = "{\"type\":\"job.done\"}";
    String signature = WebhookSignature.of(SECRET, "here.1", 1_700_000_000, body.getBytes(UTF_8));
    assertThat(verifies(signature, "here.1", 1_700_000_000, body)).isTrue();
    assertThat(verifies(signature, "here.2", 1_700_000_000, body)).isFalse();
    assertThat(verifies(signature, "here.1", 1_700_000_001, body)).isFalse();
    assertThat(verifies(signature, "here.1", 1_700_000_000, body + " ")).isFalse();
    // The example of the specification's reference libraries.
    assertThat(
            WebhookSignature.of(
                new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}".getBytes(UTF_8)))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void a_job_tells_of_its_end_signed_and_tries_again_and_follows_no_redirect(@TempDir Path folder)
      throws Exception {
    Vertx vertx = Vertx.vertx();
    List<Map.Entry<Map<String, String>, String>> seen = new CopyOnWriteArrayList<>();
    AtomicInteger elsewhere = new AtomicInteger();
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  if (!"/hook".equals(request.path())) {
                    elsewhere.incrementAndGet();
                  }
                  request
                      .body()
                      .onSuccess(
                          body -> {
                            Map<String, String> headers = new java.util.TreeMap<>();
                            request.headers().forEach(headers::put);
                            seen.add(Map.entry(headers, body.toString()));
                            boolean first = seen.size() == 1;
                            request
                                .response()
                                .setStatusCode(first ? 302 : 204)
                                .putHeader("location", "/elsewhere")
                                .end();
                          });
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    Path secret = folder.resolve("secret");
    java.nio.file.Files.writeString(secret, SECRET.reveal());
    try (TestNode node =
        TestNode.start(
            Map.of(
                Setting.JOBS_WEBHOOK_SECRET,
                "file:" + secret,
                Setting.JOBS_WEBHOOK_ALLOW,
                "127.0.0.1:" + server.actualPort()),
            "tenants: {open: {model: credit-g}}")) {
      String url = "http://127.0.0.1:" + server.actualPort() + "/hook";
      RawHttp.Reply taken = submit(node, url);
      assertThat(taken.status()).as(taken.text()).isEqualTo(202);
      String id = new JsonObject(taken.text()).getString("id");
      for (int i = 0; i < 1_500 && seen.size() < 2; i++) {
        Thread.sleep(10);
      }
      assertThat(seen).hasSize(2); // the redirect was a failure, 5 s later it was told again
      assertThat(elsewhere).hasValue(0);
      for (Map.Entry<Map<String, String>, String> each : seen) {
        Map<String, String> headers = each.getKey();
        assertThat(headers.get("webhook-id")).isEqualTo(id);
        assertThat(
                verifies(
                    String.valueOf(headers.get("webhook-signature")),
                    id,
                    Long.parseLong(String.valueOf(headers.get("webhook-timestamp"))),
                    each.getValue()))
            .isTrue();
        JsonObject event = new JsonObject(each.getValue());
        assertThat(event.getString("type")).isEqualTo("job.done");
        assertThat(event.getJsonObject("data").getString("id")).isEqualTo(id);
      }
      RawHttp.Reply refused = submit(node, "https://127.0.0.1:1/");
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.text()).contains("not of the public internet");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static RawHttp.Reply submit(TestNode node, String webhook) throws IOException {
    return RawHttp.ask(
        node.port(),
        RawHttp.request(
            "POST",
            "/v1/jobs",
            "{\"duration\":6}\n".getBytes(UTF_8),
            "Authorization: Bearer " + node.key("open"),
            "Content-Type: application/x-ndjson",
            "webhook-url: " + webhook));
  }
}
