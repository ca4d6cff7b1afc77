. /tests/lib.sh
load_modules
cove info
cove measure --kernel /guest/vmlinux --initrd /guest/initrd.gz --append "console=ttyS0 guest.mode=boot" --memory 256M --cpus 2
time cove run --kernel /guest/vmlinux --initrd /guest/initrd.gz --append "console=ttyS0 guest.mode=boot earlycon=sbi" --memory 256M --cpus 2
echo status $?
cove info
dmesg | tail -20
