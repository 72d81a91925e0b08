package eu.meridian.orders;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

@Component
public class Billing {
    private final String url;

    public Billing(@Value("${orders.billing-url}") String url) {
        this.url = url;
    }
}
