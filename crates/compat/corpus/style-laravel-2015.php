<?php // corpus: to=8.2
namespace App\Http\Controllers;

use App\User;
use Illuminate\Http\Request;
use Illuminate\Support\Collection;
use Illuminate\Support\Str;
use Input;
use Session;

class OrderController extends Controller
{
    protected $orders;

    public function __construct(OrderRepository $orders)
    {
        $this->orders = $orders; //= clean
        $this->middleware('auth'); //= clean
    }

    public function index(Request $request)
    {
        $orders = $this->orders->all()->each(function ($order) { //= clean
            $order->total = $order->items->sum('price'); //= clean
        });

        Collection::make([1, 2])->each(function ($i) { //= clean
            return $i;
        })->implode(',', 'id'); //= clean

        $names = $orders->implode('name', ', '); //= clean
        $csv = implode($orders->toArray(), ', '); //= error

        return view('orders.index', compact('orders', 'names', 'csv')); //= clean
    }

    public function show($id)
    {
        $order = $this->orders->find($id);
        $title = "Order ${id}"; //= warning
        $slug = Str::slug($title) . str_slug($title); //= clean
        $key = array_get($order, 'key', str_random(8)); //= clean
        if (is_null($order)) { //= clean
            abort(404);
        }
        return view('orders.show')->with(compact('order', 'title', 'slug', 'key'));
    }

    public function store(Request $request)
    {
        parse_str($request->getContent(), $data); //= clean
        parse_str($request->getContent()); //= error
        $secret = mcrypt_encrypt(MCRYPT_RIJNDAEL_256, 'k', $data['card'], MCRYPT_MODE_CBC); //= error
        $user = new User();
        $user->email = Input::get('email'); //= clean
        $user->password = bcrypt(Input::get('password')); //= clean
        $user->save();
        Session::put('user', $user); //= clean
        return redirect()->back()->with('secret', $secret);
    }

    public function export()
    {
        return response()->stream(function () {
            $out = fopen('php://output', 'w');
            $this->orders->chunk(100, function ($rows) use ($out) {
                foreach ($rows as $row) {
                    fputcsv($out, array_map('utf8_decode', $row->toArray()), ';'); //= warning
                }
            });
        });
    }

    public function reflect($class)
    {
        $constructor = (new \ReflectionClass($class))->getConstructor(); //= clean
        foreach ($constructor->getParameters() as $parameter) { //= clean
            /** @var \ReflectionParameter $parameter */
            $type = $parameter->getClass(); //= warning
            $name = $parameter->getName(); //= clean
        }
        return [$type, $name];
    }
}

trait Sluggable
{
    public static function bootSluggable()
    {
        static::saving(function ($model) { //= clean
            $model->slug = static::slug($model->title); //= clean
        });
    }

    public function split($text) //= clean
    {
        return preg_split('/-/', $text);
    }
}

abstract class Repository implements \ArrayAccess, \IteratorAggregate
{
    protected $model;

    public function offsetExists($key) //= warning
    {
        return isset($this->model[$key]);
    }

    public function offsetGet($key): mixed //= clean
    {
        return $this->model[$key];
    }

    public function offsetSet($key, $value) //= warning
    {
        $this->model[$key] = $value;
    }

    #[\ReturnTypeWillChange]
    public function offsetUnset($key) //= clean
    {
        unset($this->model[$key]);
    }

    public function getIterator(): \ArrayIterator //= clean
    {
        return new \ArrayIterator($this->model);
    }

    abstract public function paginate($perPage = 15, array $columns); //= warning

    public static function make(array $items = [], $total) //= warning
    {
        return new static($items, $total);
    }
}
