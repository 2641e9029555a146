package rediscache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unsafe"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// Add implements cachestore.Cache.
func (c *Cache) Add(ctx context.Context, key string, item cachestore.Item, age time.Duration) error {
	value := &sent{value: item.Value}
	_, err := c.write(ctx, "add", key, value, "set", key, value, "ex", seconds(age), "nx")
	if errors.Is(err, redis.Nil) {
		return django.ErrExists
	}
	return err
}

// Replace implements cachestore.Cache.
func (c *Cache) Replace(ctx context.Context, key string, old, item cachestore.Item, age time.Duration) (cachestore.Item, error) {
	if item.Value == old.Value {
		return c.swap(ctx, "replace", touch, key, item, old.Value, seconds(age))
	}
	return c.swap(ctx, "replace", replace, key, item, old.Value, item.Value, seconds(age))
}

// Remove implements cachestore.Cache.
func (c *Cache) Remove(ctx context.Context, key string, old cachestore.Item) (cachestore.Item, error) {
	return c.swap(ctx, "remove", remove, key, cachestore.Item{}, old.Value)
}

// Delete implements cachestore.Cache. It is tried twice, since deleting again does no harm.
func (c *Cache) Delete(ctx context.Context, key string) error {
	replicas := strconv.Itoa(c.replicas)
	_, err := c.run(ctx, "delete", forget, key, replicas)
	if errors.Is(err, django.ErrOutcomeUnknown) && ctx.Err() == nil {
		if _, again := c.run(ctx, "delete", forget, key, replicas); again == nil {
			return nil
		}
	}
	return err
}

// swap runs a script that compares. It returns item if the script wrote.
func (c *Cache) swap(ctx context.Context, op string, s script, key string, item cachestore.Item, old string, rest ...any) (cachestore.Item, error) {
	result, err := c.run(ctx, op, s, key, old, rest...)
	if err != nil {
		return cachestore.Item{}, err
	}
	switch r := result.(type) {
	case string:
		return cachestore.Item{Value: r}, django.ErrConflict
	case int64:
		if r == 1 {
			return item, nil
		}
		return cachestore.Item{}, django.ErrNotFound
	}
	return cachestore.Item{}, fmt.Errorf("rediscache: %s: %w: the server answered a script with a %T", op, django.ErrOutcomeUnknown, result)
}

// run runs a script with its arguments.
func (c *Cache) run(ctx context.Context, op string, s script, key, first string, rest ...any) (any, error) {
	value := &sent{value: first}
	args := append(append(value.args[:0], "evalsha", s.hash, 1, key, value), rest...)
	result, err := c.write(ctx, op, key, value, args...)
	if errors.Is(err, errNoScript) {
		args[0], args[1] = "eval", s.text
		value.was = false
		result, err = c.write(ctx, op, key, value, args...)
	}
	return result, err
}

// write runs a command that writes. Its error is redis.Nil, errNoScript, or says what became of
// the write.
func (c *Cache) write(ctx context.Context, op, key string, value *sent, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := redis.NewCmd(ctx, args...)
	var err error
	if c.replicas > 0 {
		err = c.processAndWait(ctx, key, cmd)
	} else {
		err = c.client.Process(ctx, once{cmd})
	}
	if err == nil || err == redis.Nil {
		return cmd.Val(), err
	}
	c.lookAgain(err)
	return nil, failWrite(ctx, op, key, value, err)
}

// once is a command that go-redis does not send a second time after an error, whatever its
// MaxRetries: the first may have taken effect. It still follows a Cluster's redirections.
type once struct{ *redis.Cmd }

// NoRetry is what go-redis asks.
func (once) NoRetry() bool { return true }

// sent is an argument that notes that go-redis has written it to a connection. Before that, an
// error means that nothing was sent.
type sent struct {
	value string
	was   bool
	args  [7]any // room for the command's arguments, of which it is one
}

// MarshalBinary implements encoding.BinaryMarshaler, without a copy.
func (s *sent) MarshalBinary() ([]byte, error) {
	s.was = true
	return unsafe.Slice(unsafe.StringData(s.value), len(s.value)), nil
}

// seconds returns an age in whole seconds.
func seconds(age time.Duration) int64 { return int64(cachestore.WholeSeconds(age) / time.Second) }
