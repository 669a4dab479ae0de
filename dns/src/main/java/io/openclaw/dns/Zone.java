package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import io.openclaw.steer.SubnetTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The names of the zone. Immutable; thread-safe; looking up allocates nothing. */
final class Zone {
  static final String STATUS = "_status";

  final ZoneSettings settings;
  final SubnetTable nearest;
  private final int labels;
  private final byte[] apexWire;

  /** Open addressing, a power of two in size and at most half full. */
  private final @Nullable DomainName[] names;

  private final @Nullable Node[] nodes;

  /**
   * The names that the settings ask for.
   *
   * @throws IllegalArgumentException where a name has two meanings
   */
  Zone(ZoneSettings settings) {
    this.settings = settings;
    labels = settings.name().labels();
    apexWire = settings.name().wire();
    Map<Integer, List<Cidr>> networks = new HashMap<>();
    for (int i = 0; i < settings.regions().size(); i++) {
      networks.put(i, settings.regions().get(i).nearest());
    }
    nearest = new SubnetTable(networks);
    Map<DomainName, Node> all = all(settings);
    int size = Integer.highestOneBit(all.size()) * 4;
    names = new @Nullable DomainName[size];
    nodes = new @Nullable Node[size];
    all.forEach(
        (name, node) -> {
          int slot = hash(name.wire(), name.length()) & (size - 1);
          while (names[slot] != null) {
            slot = (slot + 1) & (size - 1);
          }
          names[slot] = name;
          nodes[slot] = node;
        });
  }

  private static Map<DomainName, Node> all(ZoneSettings settings) {
    DomainName apex = settings.name();
    Map<DomainName, Node> all = new LinkedHashMap<>();
    put(all, apex, apex, "", Node::asApex);
    for (String service : settings.services()) {
      boolean isApex = service.equals(ZoneSettings.APEX);
      put(all, apex, isApex ? apex : apex.below(service), "services", Node::asService);
    }
    for (int i = 0; i < settings.regions().size(); i++) {
      int region = i;
      String label = settings.regions().get(i).label();
      put(all, apex, apex.below(label), "regions", node -> node.asRegion(region));
    }
    if (settings.status()) {
      put(all, apex, apex.below(STATUS), "status", Node::asStatus);
    }
    for (NameServer server : settings.servers()) {
      if (server.name().isWithin(apex) && !server.addresses().isEmpty()) {
        put(all, apex, server.name(), "nameServers", n -> n.asServer(server.addresses()));
      }
    }
    return all;
  }

  private static void put(
      Map<DomainName, Node> all,
      DomainName apex,
      DomainName name,
      String place,
      UnaryOperator<Node> with) {
    List<DomainName> above = new ArrayList<>();
    for (DomainName each = name; !each.equals(apex); each = each.parent()) {
      above.add(each);
    }
    above.reversed().forEach(each -> all.putIfAbsent(each, Node.empty(all.size())));
    Node before = all.getOrDefault(name, Node.empty(all.size()));
    boolean serviceAtApex = before.apex() && !before.service() && place.equals("services");
    if (!before.isEmpty() && !serviceAtApex) {
      throw new IllegalArgumentException(
          place + ": " + name + " stands there twice (expected: a name for one thing)");
    }
    all.put(name, with.apply(before));
  }

  /** Where the zone's name begins in the question's, -1 where it is outside the zone. */
  int apexIn(Query query) {
    if (query.labels < labels) {
      return -1;
    }
    int from = query.labelAt[query.labels - labels];
    if (query.nameLength - from != apexWire.length) {
      return -1;
    }
    for (int i = 0; i < apexWire.length; i++) {
      if (query.name[from + i] != apexWire[i]) {
        return -1;
      }
    }
    return from;
  }

  /** What the question's name is, null where it does not exist. */
  @Nullable Node find(Query query) {
    int size = names.length;
    int slot = hash(query.name, query.nameLength) & (size - 1);
    while (true) {
      DomainName name = names[slot];
      if (name == null) {
        return null;
      }
      if (isSame(name.wire(), query)) {
        return nodes[slot];
      }
      slot = (slot + 1) & (size - 1);
    }
  }

  private static boolean isSame(byte[] wire, Query query) {
    if (wire.length != query.nameLength) {
      return false;
    }
    for (int i = 0; i < wire.length; i++) {
      if (wire[i] != query.name[i]) {
        return false;
      }
    }
    return true;
  }

  /** FNV-1a: the table is filled from the configuration, so nobody can aim at it. */
  private static int hash(byte[] bytes, int length) {
    int hash = 0x811c9dc5;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ (bytes[i] & 0xFF)) * 0x01000193;
    }
    return hash ^ (hash >>> 15);
  }
}
