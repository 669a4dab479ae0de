package io.openclaw.dns;

import java.util.List;

/**
 * A name of the zone and what it is; nothing of all where names are only below it.
 *
 * @param index its place among the zone's names
 * @param apex whether it is the zone's own, with SOA and NS
 * @param service whether it is answered with healthy regions
 * @param region the region whose name it is, -1 for none
 * @param status whether it tells what each region is
 * @param server the addresses, where it is a name server
 */
record Node(
    int index, boolean apex, boolean service, int region, boolean status, List<byte[]> server) {

  static Node empty(int index) {
    return new Node(index, false, false, -1, false, List.of());
  }

  /** Whether no record is there, but names below. */
  boolean isEmpty() {
    return !apex && !service && region < 0 && !status && server.isEmpty();
  }

  Node asApex() {
    return new Node(index, true, service, region, status, server);
  }

  Node asService() {
    return new Node(index, apex, true, region, status, server);
  }

  Node asRegion(int number) {
    return new Node(index, apex, service, number, status, server);
  }

  Node asStatus() {
    return new Node(index, apex, service, region, true, server);
  }

  Node asServer(List<byte[]> addresses) {
    return new Node(index, apex, service, region, status, addresses);
  }
}
