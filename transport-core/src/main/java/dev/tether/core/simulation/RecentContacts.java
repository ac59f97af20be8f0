package dev.tether.core.simulation;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who has been sent to within a timeout. */
final class RecentContacts<K> {

    private static final class Contact {
        private long lastNs;
    }

    /** The one sent to longest ago first. */
    private final Map<K, Contact> contacts = new LinkedHashMap<>();

    void add(K key, long nowNs, long timeoutNs) {
        Contact contact = contacts.remove(key);
        if (contact == null) {
            contact = new Contact();
        }
        contact.lastNs = nowNs;
        contacts.put(key, contact);
        dropExpired(nowNs, timeoutNs);
    }

    boolean contains(K key, long nowNs, long timeoutNs) {
        Contact contact = contacts.get(key);
        return contact != null && nowNs - contact.lastNs < timeoutNs;
    }

    /** How many are remembered, the expired ones that nobody came after included. */
    int size() {
        return contacts.size();
    }

    private void dropExpired(long nowNs, long timeoutNs) {
        Iterator<Contact> oldestFirst = contacts.values().iterator();
        while (oldestFirst.hasNext() && nowNs - oldestFirst.next().lastNs >= timeoutNs) {
            oldestFirst.remove();
        }
    }
}
