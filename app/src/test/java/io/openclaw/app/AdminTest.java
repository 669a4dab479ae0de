package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys on the admin port, beside a release that takes long, and on a disk that fails. */
@Timeout(60)
final class AdminTest {
  private static final String JSON = "Content-Type: application/json";

  private final FaultyServers servers;
  private final String admin;

  AdminTest() throws Exception {
    servers = new FaultyServers();
    admin = "Authorization: Bearer " + servers.adminKey().reveal();
  }

  @AfterEach
  void stop() {
    servers.close();
  }

  private Reply revoke() throws IOException {
    return RawHttp.ask(
        servers.adminPort(),
        RawHttp.request("DELETE", "/admin/v1/keys/" + servers.key().id(), new byte[0], admin));
  }

  private JsonObject listed() throws IOException {
    Reply reply =
        RawHttp.ask(
            servers.adminPort(), RawHttp.request("GET", "/admin/v1/keys", new byte[0], admin));
    assertThat(reply.status()).isEqualTo(200);
    return new JsonObject(reply.text()).getJsonArray("keys").getJsonObject(0);
  }

  @Test
  void a_leaked_key_does_not_wait_for_a_release_that_is_being_published() throws Exception {
    servers.disk(FaultyServers.Disk.HANGS);
    try (RawHttp publishing = new RawHttp(servers.adminPort())) {
      publishing.send(
          RawHttp.request("POST", "/admin/v1/releases", "{}".getBytes(UTF_8), admin, JSON));
      servers.awaitHanging();
      servers.disk(FaultyServers.Disk.WRITES);
      assertThat(listed().getBoolean("revoked")).isFalse();
      assertThat(revoke().status()).isEqualTo(200);
      assertThat(listed().getBoolean("revoked")).isTrue();
    }
  }

  @Test
  void a_revocation_that_the_disk_does_not_take_is_in_force_and_says_so() throws Exception {
    servers.disk(FaultyServers.Disk.REFUSES);
    for (int i = 0; i < 2; i++) {
      Reply reply = revoke();
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.text()).contains("the key is revoked: in force", "not yet on disk");
      assertThat(listed().getBoolean("revoked")).isTrue();
    }
    servers.disk(FaultyServers.Disk.WRITES);
    assertThat(revoke().status()).isEqualTo(200);
  }
}
