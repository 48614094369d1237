import { useEffect, useRef } from 'react';

interface Props {
  track: MediaStreamTrack;
  label: string;
  mirrored?: boolean;
}

/** A moving picture without sound. */
export default function Picture({ track, label, mirrored = false }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    // Silent video may always play; if the page is on its way out it doesn't matter.
    element.play().catch(() => {});
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={video}
      className={mirrored ? 'mirrored' : undefined}
      aria-label={label}
      autoPlay
      playsInline
      muted
    />
  );
}
