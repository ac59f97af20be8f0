package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentContactsTest {

    private static final long TIMEOUT_NS = 100;

    private final RecentContacts<String> contacts = new RecentContacts<>();

    @Test
    void aContactIsRecentUntilItsTimeout() {
        contacts.add("a", 1_000, TIMEOUT_NS);
        assertThat(contacts.contains("a", 1_099, TIMEOUT_NS)).isTrue();
        assertThat(contacts.contains("a", 1_100, TIMEOUT_NS)).isFalse();
        assertThat(contacts.contains("b", 1_000, TIMEOUT_NS)).isFalse();
    }

    @Test
    void anotherContactRefreshesOnlyItself() {
        contacts.add("a", 1_000, TIMEOUT_NS);
        contacts.add("b", 1_010, TIMEOUT_NS);
        contacts.add("a", 1_050, TIMEOUT_NS);
        assertThat(contacts.contains("a", 1_120, TIMEOUT_NS)).isTrue();
        assertThat(contacts.contains("b", 1_120, TIMEOUT_NS)).isFalse();
    }

    @Test
    void expiredContactsAreForgotten() {
        for (int i = 0; i < 10_000; i++) {
            contacts.add("contact " + i, 1_000 + i, TIMEOUT_NS);
            contacts.add("always", 1_000 + i, TIMEOUT_NS);
        }
        assertThat(contacts.size()).isEqualTo(101);
    }
}
