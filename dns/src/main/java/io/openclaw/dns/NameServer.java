package io.openclaw.dns;

import java.util.List;

/**
 * A name server of the zone, as its NS records name it.
 *
 * @param name inside the zone, or elsewhere
 * @param addresses of 4 or 16 bytes each; for a name outside the zone they are not answered
 */
public record NameServer(DomainName name, List<byte[]> addresses) {
  public NameServer {
    addresses = RegionRecords.checked("name server " + name, addresses);
  }
}
