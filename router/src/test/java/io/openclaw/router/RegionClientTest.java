package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;

import io.netty.channel.ChannelException;
import io.vertx.core.Future;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpConnection;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RegionClientTest {
  @Test
  void a_connection_that_is_left_is_not_cut_under_what_is_on_it() {
    List<Long> hours = new ArrayList<>();
    HttpConnection connection =
        (HttpConnection)
            Proxy.newProxyInstance(
                HttpConnection.class.getClassLoader(),
                new Class<?>[] {HttpConnection.class},
                (proxy, method, arguments) -> {
                  assertThat(method.getName()).isEqualTo("shutdown");
                  hours.add(((TimeUnit) arguments[1]).toHours((Long) arguments[0]));
                  return Future.succeededFuture();
                });
    RegionClient.leave(connection);
    assertThat(hours).singleElement(LONG).isGreaterThan(24 * 7);
  }

  @Test
  void what_the_router_itself_lacks_is_told_from_what_a_region_refuses() {
    assertThat(RegionClient.isOurs(new ConnectionPoolTooBusyException("full"))).isTrue();
    assertThat(RegionClient.isOurs(new SocketException("Too many open files"))).isTrue();
    assertThat(
            RegionClient.isOurs(
                new ChannelException(
                    new IOException("newSocketStream(..) failed: Too many open files in system"))))
        .isTrue();
    assertThat(RegionClient.isOurs(new ConnectException("Connection refused"))).isFalse();
    assertThat(RegionClient.isOurs(new IOException())).isFalse();
    assertThat(RegionClient.isOurs(null)).isFalse();
  }
}
