package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.simulation.NatSettings.Filtering;
import dev.tether.core.simulation.NatSettings.Mapping;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 4787. */
class NatTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long START_NS = 1_000 * SECOND;
    private static final int PORTS = 65_536 - 1_024;
    private static final InetAddress OUTSIDE = address(203, 0, 113, 1);
    private static final InetSocketAddress INSIDE = endpoint(address(10, 0, 0, 1), 5000);
    private static final InetSocketAddress SIBLING = endpoint(address(10, 0, 0, 2), 5000);
    private static final InetSocketAddress CONTACTED = endpoint(address(198, 51, 100, 1), 4433);

    /** Who, as seen from {@link #CONTACTED}. */
    enum Remote {
        SAME_HOST_SAME_PORT(endpoint(address(198, 51, 100, 1), 4433)),
        SAME_HOST_OTHER_PORT(endpoint(address(198, 51, 100, 1), 4434)),
        OTHER_HOST(endpoint(address(198, 51, 100, 2), 4433));

        private final InetSocketAddress endpoint;

        Remote(InetSocketAddress endpoint) {
            this.endpoint = endpoint;
        }
    }

    enum Kind {
        FULL_CONE(NatSettings.FULL_CONE),
        ADDRESS_RESTRICTED(NatSettings.ADDRESS_RESTRICTED),
        PORT_RESTRICTED(NatSettings.PORT_RESTRICTED),
        SYMMETRIC(NatSettings.SYMMETRIC);

        private final NatSettings settings;

        Kind(NatSettings settings) {
            this.settings = settings;
        }
    }

    /** Section 4.1. */
    @ParameterizedTest
    @CsvSource({
        "FULL_CONE, SAME_HOST_SAME_PORT, true",
        "FULL_CONE, SAME_HOST_OTHER_PORT, true",
        "FULL_CONE, OTHER_HOST, true",
        "ADDRESS_RESTRICTED, SAME_HOST_SAME_PORT, true",
        "ADDRESS_RESTRICTED, SAME_HOST_OTHER_PORT, true",
        "ADDRESS_RESTRICTED, OTHER_HOST, true",
        "PORT_RESTRICTED, SAME_HOST_SAME_PORT, true",
        "PORT_RESTRICTED, SAME_HOST_OTHER_PORT, true",
        "PORT_RESTRICTED, OTHER_HOST, true",
        "SYMMETRIC, SAME_HOST_SAME_PORT, true",
        "SYMMETRIC, SAME_HOST_OTHER_PORT, false",
        "SYMMETRIC, OTHER_HOST, false"
    })
    void aMappingIsKeptTowards(Kind kind, Remote remote, boolean kept) {
        Nat nat = nat(kind.settings);
        InetSocketAddress first = nat.outbound(INSIDE, CONTACTED, START_NS);
        InetSocketAddress second = nat.outbound(INSIDE, remote.endpoint, START_NS);
        assertThat(second.equals(first)).isEqualTo(kept);
        assertThat(nat.mappings()).isEqualTo(kept ? 1 : 2);
        assertThat(first.getAddress()).isEqualTo(OUTSIDE);
        assertThat(second.getAddress()).isEqualTo(OUTSIDE);
    }

    /** Section 5. */
    @ParameterizedTest
    @CsvSource({
        "FULL_CONE, SAME_HOST_SAME_PORT, true",
        "FULL_CONE, SAME_HOST_OTHER_PORT, true",
        "FULL_CONE, OTHER_HOST, true",
        "ADDRESS_RESTRICTED, SAME_HOST_SAME_PORT, true",
        "ADDRESS_RESTRICTED, SAME_HOST_OTHER_PORT, true",
        "ADDRESS_RESTRICTED, OTHER_HOST, false",
        "PORT_RESTRICTED, SAME_HOST_SAME_PORT, true",
        "PORT_RESTRICTED, SAME_HOST_OTHER_PORT, false",
        "PORT_RESTRICTED, OTHER_HOST, false",
        "SYMMETRIC, SAME_HOST_SAME_PORT, true",
        "SYMMETRIC, SAME_HOST_OTHER_PORT, false",
        "SYMMETRIC, OTHER_HOST, false"
    })
    void aMappingLetsIn(Kind kind, Remote remote, boolean letsIn) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        assertThat(nat.inbound(remote.endpoint, port, START_NS))
                .isEqualTo(letsIn ? new Nat.Inbound(INSIDE, null) : new Nat.Inbound(null, DropCause.NAT_FILTERED));
    }

    /** Mapping and filtering are independent of each other: what the four usual kinds do not show. */
    @ParameterizedTest
    @EnumSource(Filtering.class)
    void aSymmetricMappingFiltersAsItIsTold(Filtering filtering) {
        Nat nat = nat(new NatSettings(Mapping.ADDRESS_AND_PORT_DEPENDENT, filtering, Duration.ofMinutes(2), false));
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        int otherPort =
                nat.outbound(INSIDE, Remote.OTHER_HOST.endpoint, START_NS).getPort();
        assertThat(otherPort).isNotEqualTo(port);
        assertThat(nat.inbound(CONTACTED, port, START_NS).inside()).isEqualTo(INSIDE);
        assertThat(nat.inbound(Remote.SAME_HOST_OTHER_PORT.endpoint, port, START_NS)
                                .inside()
                        != null)
                .isEqualTo(filtering != Filtering.ADDRESS_AND_PORT_DEPENDENT);
        assertThat(nat.inbound(Remote.OTHER_HOST.endpoint, port, START_NS).inside() != null)
                .as("the other mapping's remote")
                .isEqualTo(filtering == Filtering.ENDPOINT_INDEPENDENT);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void insideAddressesHavePortsOfTheirOwn(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        int siblingPort = nat.outbound(SIBLING, CONTACTED, START_NS).getPort();
        int secondSocket = nat.outbound(endpoint(INSIDE.getAddress(), 5001), CONTACTED, START_NS)
                .getPort();
        assertThat(Set.of(port, siblingPort, secondSocket)).hasSize(3);
        assertThat(nat.inbound(CONTACTED, port, START_NS).inside()).isEqualTo(INSIDE);
        assertThat(nat.inbound(CONTACTED, siblingPort, START_NS).inside()).isEqualTo(SIBLING);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatOneHostSendsLetsNobodyInForItsSibling(Kind kind) {
        Nat nat = nat(kind.settings);
        nat.outbound(INSIDE, CONTACTED, START_NS);
        int siblingPort =
                nat.outbound(SIBLING, Remote.OTHER_HOST.endpoint, START_NS).getPort();
        assertThat(nat.inbound(CONTACTED, siblingPort, START_NS).inside() != null)
                .isEqualTo(kind == Kind.FULL_CONE);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void nobodyIsBehindAPortWithoutAMapping(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        int unused = port == 5000 ? 5001 : 5000;
        assertThat(nat.inbound(CONTACTED, unused, START_NS)).isEqualTo(new Nat.Inbound(null, DropCause.NO_NAT_MAPPING));
        assertThat(nat.owner(unused, START_NS)).isNull();
    }

    @Test
    void theOwnerOfAPortIsKnownWhomeverItLetsIn() {
        Nat nat = nat(NatSettings.SYMMETRIC);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        assertThat(nat.owner(port, START_NS)).isEqualTo(INSIDE);
        assertThat(nat.owner(port, START_NS + 120 * SECOND)).isNull();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aMappingExpiresAfterItsTimeout(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        assertThat(nat.inbound(CONTACTED, port, START_NS + 120 * SECOND - 1).inside())
                .isEqualTo(INSIDE);
        assertThat(nat.mappings()).isEqualTo(1);
        assertThat(nat.inbound(CONTACTED, port, START_NS + 120 * SECOND))
                .isEqualTo(new Nat.Inbound(null, DropCause.NO_NAT_MAPPING));
        assertThat(nat.mappings()).isZero();
    }

    @Test
    void anExpiredMappingIsNotRevived() {
        Nat nat = nat(NatSettings.FULL_CONE);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        int later = nat.outbound(INSIDE, CONTACTED, START_NS + 120 * SECOND).getPort();
        assertThat(later).isNotEqualTo(port);
        assertThat(nat.mappings()).isEqualTo(1);
        assertThat(nat.owner(port, START_NS + 120 * SECOND)).isNull();
    }

    /** REQ-6. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void outboundTrafficRefreshesAMapping(Kind kind) {
        Nat nat = nat(kind.settings);
        InetSocketAddress outside = nat.outbound(INSIDE, CONTACTED, START_NS);
        for (int minute = 1; minute <= 10; minute++) {
            assertThat(nat.outbound(INSIDE, CONTACTED, START_NS + minute * 60 * SECOND))
                    .isEqualTo(outside);
        }
        long lastNs = START_NS + 600 * SECOND;
        assertThat(nat.inbound(CONTACTED, outside.getPort(), lastNs + 120 * SECOND - 1)
                        .inside())
                .isEqualTo(INSIDE);
        assertThat(nat.owner(outside.getPort(), lastNs + 120 * SECOND)).isNull();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void inboundTrafficDoesNotRefreshAMapping(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        assertThat(nat.inbound(CONTACTED, port, START_NS + 119 * SECOND).inside())
                .isEqualTo(INSIDE);
        assertThat(nat.inbound(CONTACTED, port, START_NS + 121 * SECOND).drop()).isEqualTo(DropCause.NO_NAT_MAPPING);
    }

    /** The order in which mappings expire is that of their last refresh, not that in which they were made. */
    @Test
    void onlyWhatWasNotRefreshedExpires() {
        Nat nat = nat(NatSettings.FULL_CONE);
        int first = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        int second = nat.outbound(SIBLING, CONTACTED, START_NS + SECOND).getPort();
        nat.outbound(INSIDE, CONTACTED, START_NS + 60 * SECOND);
        assertThat(nat.owner(second, START_NS + 121 * SECOND)).isNull();
        assertThat(nat.owner(first, START_NS + 121 * SECOND)).isEqualTo(INSIDE);
        assertThat(nat.mappings()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ADDRESS_RESTRICTED", "PORT_RESTRICTED"})
    void aContactIsForgottenAfterTheTimeoutThoughItsMappingLives(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        nat.outbound(INSIDE, Remote.OTHER_HOST.endpoint, START_NS + 100 * SECOND);
        assertThat(nat.inbound(CONTACTED, port, START_NS + 119 * SECOND).inside())
                .isEqualTo(INSIDE);
        assertThat(nat.inbound(CONTACTED, port, START_NS + 120 * SECOND).drop()).isEqualTo(DropCause.NAT_FILTERED);
        assertThat(nat.inbound(Remote.OTHER_HOST.endpoint, port, START_NS + 120 * SECOND)
                        .inside())
                .isEqualTo(INSIDE);
    }

    /** Section 6. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void hostsBehindItReachOneAnotherOnlyWithHairpinning(boolean hairpin, boolean contacted) {
        Nat nat = nat(NatSettings.PORT_RESTRICTED.hairpin(hairpin));
        InetSocketAddress target = nat.outbound(SIBLING, CONTACTED, START_NS);
        InetSocketAddress source = nat.outbound(INSIDE, target, START_NS);
        if (contacted) {
            nat.outbound(SIBLING, source, START_NS);
        }
        assertThat(nat.inbound(source, target.getPort(), START_NS))
                .isEqualTo(
                        hairpin && contacted
                                ? new Nat.Inbound(SIBLING, null)
                                : new Nat.Inbound(null, DropCause.NAT_FILTERED));
    }

    @Test
    void aFullConeHairpinsForEverybody() {
        Nat nat = nat(NatSettings.FULL_CONE.hairpin(true));
        InetSocketAddress target = nat.outbound(SIBLING, CONTACTED, START_NS);
        InetSocketAddress source = nat.outbound(INSIDE, target, START_NS);
        assertThat(nat.inbound(source, target.getPort(), START_NS).inside()).isEqualTo(SIBLING);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRebindForgetsEveryMappingAndGivesOtherPorts(Kind kind) {
        Nat nat = nat(kind.settings);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        nat.rebind();
        assertThat(nat.mappings()).isZero();
        assertThat(nat.inbound(CONTACTED, port, START_NS).drop()).isEqualTo(DropCause.NO_NAT_MAPPING);
        InetSocketAddress rebound = nat.outbound(INSIDE, CONTACTED, START_NS);
        assertThat(rebound.getPort()).isNotEqualTo(port);
        assertThat(rebound.getAddress()).isEqualTo(OUTSIDE);
        assertThat(nat.inbound(CONTACTED, rebound.getPort(), START_NS).inside()).isEqualTo(INSIDE);
    }

    /** So many ports are lost that a random one would be a lost one again. */
    @Test
    void aLostPortIsNotGivenToItsInsideAddressAgainButToOthers() {
        Nat nat = nat(NatSettings.SYMMETRIC);
        Set<Integer> lost = new HashSet<>();
        for (int i = 0; i < PORTS - 10; i++) {
            lost.add(nat.outbound(INSIDE, remote(i), START_NS).getPort());
        }
        nat.rebind();
        nat.rebind();
        for (int i = 0; i < 10; i++) {
            assertThat(lost)
                    .doesNotContain(nat.outbound(INSIDE, remote(i), START_NS).getPort());
        }
        assertThat(lost).contains(nat.outbound(SIBLING, CONTACTED, START_NS).getPort());
        assertThat(lost)
                .as("when no other is free")
                .contains(nat.outbound(INSIDE, remote(10), START_NS).getPort());
    }

    @Test
    void noPortIsGivenTwiceUntilAllAreTaken() {
        Nat nat = nat(NatSettings.SYMMETRIC.mappingTimeout(Duration.ofSeconds(10)));
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < PORTS; i++) {
            int port = nat.outbound(INSIDE, remote(i), START_NS + i).getPort();
            assertThat(port).isBetween(1024, 65_535);
            assertThat(ports.add(port)).as("port %d is new", port).isTrue();
        }
        assertThat(nat.mappings()).isEqualTo(PORTS);
        assertThat(nat.outbound(SIBLING, CONTACTED, START_NS + PORTS)).isNull();
        assertThat(nat.outbound(INSIDE, remote(7), START_NS + PORTS)).isNotNull();

        assertThat(nat.outbound(SIBLING, CONTACTED, START_NS + 10 * SECOND))
                .as("the first has expired")
                .isNotNull();
        assertThat(nat.mappings()).isEqualTo(PORTS);
    }

    @Test
    void theSeedDecidesThePorts() {
        assertThat(new Nat(NatSettings.FULL_CONE, OUTSIDE, new SeededRandom(4)).outbound(INSIDE, CONTACTED, START_NS))
                .isEqualTo(new Nat(NatSettings.FULL_CONE, OUTSIDE, new SeededRandom(4))
                        .outbound(INSIDE, CONTACTED, START_NS))
                .isNotEqualTo(new Nat(NatSettings.FULL_CONE, OUTSIDE, new SeededRandom(5))
                        .outbound(INSIDE, CONTACTED, START_NS));
    }

    @Test
    void aChangeOfTheFilteringHoldsAtOnce() {
        Nat nat = nat(NatSettings.FULL_CONE);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        nat.change(NatSettings.PORT_RESTRICTED);
        assertThat(nat.settings()).isEqualTo(NatSettings.PORT_RESTRICTED);
        assertThat(nat.inbound(CONTACTED, port, START_NS).inside()).isEqualTo(INSIDE);
        assertThat(nat.inbound(Remote.OTHER_HOST.endpoint, port, START_NS).drop())
                .isEqualTo(DropCause.NAT_FILTERED);
    }

    @Test
    void aChangeOfTheTimeoutHoldsForMappingsThatExist() {
        Nat nat = nat(NatSettings.FULL_CONE);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        nat.change(NatSettings.FULL_CONE.mappingTimeout(Duration.ofSeconds(5)));
        assertThat(nat.owner(port, START_NS + 5 * SECOND - 1)).isEqualTo(INSIDE);
        assertThat(nat.owner(port, START_NS + 5 * SECOND)).isNull();
    }

    @Test
    void aChangeOfTheMappingLeavesOldMappingsAlone() {
        Nat nat = nat(NatSettings.PORT_RESTRICTED);
        int port = nat.outbound(INSIDE, CONTACTED, START_NS).getPort();
        nat.change(NatSettings.SYMMETRIC);
        assertThat(nat.outbound(INSIDE, CONTACTED, START_NS).getPort()).isNotEqualTo(port);
        assertThat(nat.inbound(CONTACTED, port, START_NS).inside()).isEqualTo(INSIDE);
    }

    @Test
    void translatesIpv6() {
        InetAddress outside = address(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        Nat nat = new Nat(NatSettings.ADDRESS_RESTRICTED, outside, new SeededRandom(1));
        InetSocketAddress translated = nat.outbound(INSIDE, CONTACTED, START_NS);
        assertThat(translated.getAddress()).isEqualTo(nat.outside()).isEqualTo(outside);
    }

    @Test
    void refusesATimeoutOutOfItsRange() {
        for (Duration timeout : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(2)}) {
            assertThatThrownBy(() -> NatSettings.SYMMETRIC.mappingTimeout(timeout))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("mappingTimeout is " + timeout + ", it must be above 0 and up to PT24H");
        }
    }

    private static Nat nat(NatSettings settings) {
        return new Nat(settings, OUTSIDE, new SeededRandom(1));
    }

    private static InetSocketAddress remote(int index) {
        return endpoint(address(192, 0, index >> 8 & 0xff, index & 0xff), 1 + (index >> 16));
    }

    private static InetSocketAddress endpoint(InetAddress address, int port) {
        return new InetSocketAddress(address, port);
    }

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
