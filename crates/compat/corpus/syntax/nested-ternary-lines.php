<?php // corpus: to=8.2
function label($order)
{
    return $order->paid ? 'paid' //= error
        : $order->sent ? 'sent'
        : 'new';
}
