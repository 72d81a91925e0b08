<?php // corpus: to=8.2
/*
Plugin Name: Old Gallery
Description: A gallery for blogs, first written in 2009
Version: 1.4.2
*/

if (!defined('ABSPATH')) {
    exit;
}

if (!class_exists('Old_Gallery')):

class Old_Gallery
{
    var $options;
    var $table;

    function Old_Gallery() //= error
    {
        global $wpdb;
        $this->table = $wpdb->prefix . 'gallery'; //= clean
        $this->options = get_option('old_gallery'); //= clean
        add_action('init', array(&$this, 'init')); //= clean
        add_shortcode('gallery', array($this, 'shortcode'));
        add_filter('the_title', create_function('$t', 'return ucwords($t);')); //= error
        $this->plugin_url = plugins_url('', __FILE__); //= warning
    }

    function init()
    {
        if (function_exists('mb_ereg')) { //= clean
            mb_regex_encoding('UTF-8'); //= clean
        }
        load_plugin_textdomain('old-gallery'); //= clean
        register_widget('Old_Gallery_Widget');
        if (get_magic_quotes_gpc()) { //= error
            $_POST = stripslashes_deep($_POST); //= clean
        }
    }

    function shortcode($atts, $content = null)
    {
        extract(shortcode_atts(array('columns' => 3, 'size' => 'thumb'), $atts)); //= clean
        $out = '';
        foreach ((array) $this->images($atts) as $i => $image) {
            $out .= "<img src='{$image->url}' alt='${content}' class='col-{$columns}'>"; //= warning
        }
        return $out;
    }

    function images($atts)
    {
        global $wpdb;
        $ids = split(',', $atts['ids']); //= error
        $rows = $wpdb->get_results($wpdb->prepare("SELECT * FROM {$this->table} WHERE id IN (%s)", implode(',', $ids))); //= clean
        while (list($key, $row) = each($rows)) { //= error
            $rows[$key]->url = wp_get_attachment_url($row->id); //= clean
        }
        return $rows;
    }

    function date($time)
    {
        return date_i18n('d.m.Y', $time) . strftime(' %H:%M', $time); //= warning
    }

    function csv()
    {
        header('Content-Type: text/csv');
        $out = fopen('php://output', 'w');
        foreach ($this->images(array('ids' => '1')) as $row) {
            fputcsv($out, (array) $row); //= clean
            fwrite($out, utf8_decode($row->title)); //= warning
        }
        exit;
    }

    function thumb($file)
    {
        $image = imagecreatefromstring(file_get_contents($file));
        if (!is_resource($image)) { //= warning
            return false;
        }
        imagedestroy($image); //= clean
        return true;
    }
}

class Old_Gallery_Widget extends WP_Widget
{
    function Old_Gallery_Widget() //= error
    {
        parent::WP_Widget(false, 'Gallery'); //= clean
    }

    function widget($args, $instance)
    {
        echo $args['before_widget'], apply_filters('widget_title', $instance['title']), $args['after_widget']; //= clean
    }

    function form($instance)
    {
        ?>
        <p>
            <label for="<?php echo $this->get_field_id('title'); //= clean
            ?>">Title, each(), split()</label>
            <input name="<?php echo $this->get_field_name('title'); ?>" value="<?php echo esc_attr($instance['title']); ?>">
        </p>
        <?php
    }
}

$old_gallery = new Old_Gallery(); //= clean

endif;

register_activation_hook(__FILE__, 'old_gallery_activate'); //= clean

function old_gallery_activate()
{
    if (version_compare(PHP_VERSION, '5.2.0', '<')) {
        deactivate_plugins(basename(__FILE__)); //= clean
        wp_die(create_function('', 'return 1;')); //= clean
    }
    mysql_query('CREATE TABLE gallery (id INT)'); //= error
}
