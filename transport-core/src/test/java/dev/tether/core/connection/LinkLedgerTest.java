package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerIdentity;
import dev.tether.core.simulation.SeededRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 9.4. */
class LinkLedgerTest {

    private static final int PEERS = 3;
    private static final int LINKS = LinkLedger.MAX_LINKS_OF_PEER;

    private final LinkLedger ledger = new LinkLedger(PEERS);

    @Test
    void nothingIsDeliveredOfALinkThatWasNeverSeen() {
        assertThat(ledger.delivered(peer(1), 7)).isZero();
    }

    @Test
    void whatWasDeliveredIsKnownOfEachLinkOfEachPeer() {
        ledger.onDelivered(peer(1), 7, 3);
        ledger.onDelivered(peer(1), 8, 4);
        ledger.onDelivered(peer(2), 7, 5);
        ledger.onDelivered(peer(1), 7, 6);
        assertThat(ledger.delivered(peer(1), 7)).isEqualTo(6);
        assertThat(ledger.delivered(peer(1), 8)).isEqualTo(4);
        assertThat(ledger.delivered(peer(2), 7)).isEqualTo(5);
        assertThat(ledger.delivered(peer(2), 8)).isZero();
    }

    @Test
    void thePeerIsKnownByItsKeyAndNotByTheObject() {
        ledger.onDelivered(peer(1), 7, 3);
        assertThat(ledger.delivered(PeerIdentity.of(peer(1).toBytes()), 7)).isEqualTo(3);
    }

    @Test
    void theLinkOfAPeerThatWasUsedLeastRecentlyIsForgottenFirst() {
        for (int link = 1; link <= LINKS; link++) {
            ledger.onDelivered(peer(1), link, 1);
        }
        ledger.onDelivered(peer(1), 1, 2);
        ledger.onDelivered(peer(1), LINKS + 1, 1);
        assertThat(ledger.delivered(peer(1), 1)).isEqualTo(2);
        assertThat(ledger.delivered(peer(1), 2)).isZero();
        for (int link = 3; link <= LINKS + 1; link++) {
            assertThat(ledger.delivered(peer(1), link)).as("link %d", link).isEqualTo(1);
        }
    }

    @Test
    void theLinksOfOnePeerDoNotPushOutThoseOfAnother() {
        ledger.onDelivered(peer(1), 7, 3);
        for (int link = 1; link <= 10_000; link++) {
            ledger.onDelivered(peer(2), link, 1);
        }
        assertThat(ledger.delivered(peer(1), 7)).isEqualTo(3);
    }

    @Test
    void thePeerThatWasHeardOfLeastRecentlyIsForgottenFirst() {
        ledger.onDelivered(peer(1), 7, 1);
        ledger.onDelivered(peer(2), 7, 2);
        ledger.onDelivered(peer(3), 7, 3);
        ledger.delivered(peer(1), 7);
        ledger.onDelivered(peer(4), 7, 4);
        assertThat(ledger.delivered(peer(2), 7)).isZero();
        assertThat(ledger.delivered(peer(1), 7)).isEqualTo(1);
        assertThat(ledger.delivered(peer(3), 7)).isEqualTo(3);
        assertThat(ledger.delivered(peer(4), 7)).isEqualTo(4);
    }

    @Test
    void askingForAPeerThatIsNotKnownPushesOutNobody() {
        for (int i = 1; i <= PEERS; i++) {
            ledger.onDelivered(peer(i), 7, i);
        }
        for (int i = PEERS + 1; i < 100; i++) {
            ledger.delivered(peer(i), 7);
        }
        for (int i = 1; i <= PEERS; i++) {
            assertThat(ledger.delivered(peer(i), 7)).isEqualTo(i);
        }
    }

    @Test
    void anyHistoryIsRememberedAsTheModelRemembersIt() {
        for (long seed = 0; seed < 100; seed++) {
            SeededRandom random = new SeededRandom(seed);
            LinkLedger ledger = new LinkLedger(PEERS);
            // From the least recently used one, of peers and of their links.
            Map<PeerIdentity, Map<Long, Long>> model = new LinkedHashMap<>();
            for (int i = 0; i < 500; i++) {
                PeerIdentity peer = peer(1 + random.nextInt(PEERS + 1));
                long link = 1 + random.nextInt(LINKS + 3);
                assertThat(ledger.delivered(peer, link))
                        .as("seed %d, use %d", seed, i)
                        .isEqualTo(model.getOrDefault(peer, Map.of()).getOrDefault(link, 0L));
                use(model, peer, link, i + 1);
                ledger.onDelivered(peer, link, i + 1);
            }
        }
    }

    private static void use(Map<PeerIdentity, Map<Long, Long>> model, PeerIdentity peer, long link, long number) {
        Map<Long, Long> known = model.remove(peer);
        Map<Long, Long> links = known == null ? new LinkedHashMap<>() : known;
        links.remove(link);
        links.put(link, number);
        model.put(peer, links);
        removeFirst(links, LINKS);
        removeFirst(model, PEERS);
    }

    private static <K> void removeFirst(Map<K, ?> map, int bound) {
        List<K> keys = new ArrayList<>(map.keySet());
        if (keys.size() > bound) {
            map.remove(keys.get(0));
        }
    }

    private static PeerIdentity peer(int number) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        key[0] = (byte) number;
        return PeerIdentity.of(key);
    }
}
