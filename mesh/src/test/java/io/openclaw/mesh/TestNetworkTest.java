package io.openclaw.mesh;

import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** The network in memory keeps the promises of a transport. */
final class TestNetworkTest extends MeshTransportContract {
  private final TestNetwork network = new TestNetwork(new Random(1), 0);

  @Override
  protected MeshTransport open(Heard a, Heard b) {
    MeshTransport transport = network.join("a", a, List.of("b"));
    network.join("b", b, List.of("a"));
    return transport;
  }

  @Override
  protected void onThread(Runnable action) {
    action.run();
  }

  @Override
  protected boolean eventually(BooleanSupplier condition) {
    for (int i = 0; i < 1000; i++) {
      if (condition.getAsBoolean()) {
        return true;
      }
      network.runFor(10 * TestNetwork.MS);
    }
    return false;
  }
}
